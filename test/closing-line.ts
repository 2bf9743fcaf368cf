import { writeSync } from 'node:fs'
import type { SerializedError } from '@vitest/utils'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends the run with one line of its own, `N passed, N failed`, and `, N skipped` if there are any. A file that
 * could not be loaded and an error outside any test each count as one failure.
 */
export class ClosingLine implements Reporter {
  #line = ''

  onInit(): void {
    // Printed on exit, so that nothing, not even the clean-up of the run, can write after it.
    process.once('exit', () => {
      if (this.#line) writeSync(1, this.#line)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      counts.failed += module.errors().length
      for (const test of module.children.allTests()) counts[test.result().state] += 1
    }
    const failed = counts.failed + counts.pending
    if (counts.passed + failed === 0) process.exitCode = 1
    this.#line = `${counts.passed} passed, ${failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}\n`
  }
}
