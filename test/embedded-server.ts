/**
 * A server reduced to its PostgreSQL, as a process that tests can kill: `embedded-server.ts DATA_DIR`. Prints one
 * JSON line when it is up, and on SIGTERM stops in order. Refused, it prints the reason and exits with 1.
 */
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { silentLog } from '../src/log.ts'
import { killable } from './embedded-folder.ts'

const [dataDir = ''] = process.argv.slice(2)
try {
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog, settings: killable })
  process.once('SIGTERM', () => void postgres.stop().then(() => process.exit(0)))
  process.stdout.write(`${JSON.stringify({ url: postgres.url })}\n`)
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ refused: error instanceof Error ? error.message : String(error) })}\n`,
  )
  process.exit(1)
}
