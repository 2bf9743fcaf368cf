import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { createClock } from '../db/product-clock.ts'
import { audit } from '../dialer/audit.ts'
import { withDatabase } from './open-database.ts'

/** Checks the records of the whole installation. Ends with 1 when anything is wrong. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('check that nobody was called twice and nobody was lost, by the records')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }) => {
      const result = await withDatabase(readConfig(process.env), async (sql) => {
        const clock = createClock(sql)
        await clock.start()
        const report = await audit(sql, clock.now())
        await clock.stop()
        return report
      })
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
      else {
        for (const { rule, subject, detail } of result.findings)
          process.stdout.write(`${rule}\t${subject}\t${detail}\n`)
        const { runs, numbers, calls, texts } = result.counts
        process.stdout.write(
          `${runs} runs, ${numbers} numbers, ${calls} calls, ${texts} texts: ${result.findings.length} findings\n`,
        )
      }
      if (result.findings.length > 0) process.exitCode = 1
    })
}
