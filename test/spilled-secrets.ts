/**
 * Watches what the whole suite logs. Parts that a test starts without wanting to hear of them log here, at the level
 * `debug`: a line with a secret in it fails the test file it comes from. `test/canary.ts` knows what secrets look like.
 */
import { symbols } from 'pino'
import { afterAll } from 'vitest'
import { silentLog } from '../src/log.ts'
import { secretsIn } from './canary.ts'

const spilled: string[] = []
const watch = {
  write(line: string): void {
    for (const secret of secretsIn(line)) spilled.push(`${secret} in ${line.slice(0, 400)}`)
  },
}
Reflect.set(silentLog, symbols.streamSym, watch)
silentLog.level = 'debug'

afterAll(() => {
  if (spilled.length > 0) throw new Error(`Secrets were logged: ${spilled.slice(0, 5).join('; ')}`)
})
