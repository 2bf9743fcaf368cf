import { writeSync } from 'node:fs'
import type { SerializedError } from '@vitest/utils'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends the run with one line of its own, `N passed, N failed`, and `, N skipped` if there are any. A file that
 * could not be loaded, an error outside any test and a run that came to no test each count as one failure.
 */
export class ClosingLine implements Reporter {
  #passed = 0
  #failed = 0
  #skipped = 0

  onInit(): void {
    // Printed on exit, so that nothing, not even the clean-up of the run, can write after it.
    process.once('exit', (code) => {
      const failed = this.#failed === 0 && code !== 0 ? 1 : this.#failed
      const skipped = this.#skipped === 0 ? '' : `, ${this.#skipped} skipped`
      writeSync(1, `${this.#passed} passed, ${failed} failed${skipped}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      counts.failed += module.errors().length
      for (const test of module.children.allTests()) counts[test.result().state] += 1
    }
    this.#passed = counts.passed
    this.#failed = counts.failed + counts.pending
    this.#skipped = counts.skipped
    if (this.#passed + this.#failed === 0) process.exitCode = 1
  }
}
