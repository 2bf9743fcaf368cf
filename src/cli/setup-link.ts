import { Command } from 'commander'
import { createSetupLink, needsSetup } from '../accounts/setup.ts'
import { origin, readConfig } from '../config.ts'
import { createClock } from '../db/product-clock.ts'
import { AppError } from '../errors.ts'
import { withDatabase } from './open-database.ts'

export function setupLinkCommand(): Command {
  return new Command('setup-link')
    .description('print a new link for making the first account')
    .action(async () => {
      const config = readConfig(process.env)
      await withDatabase(config, async (sql) => {
        if (!(await needsSetup(sql))) {
          throw new AppError(
            'conflict',
            'setup_done',
            'This installation is set up already. Sign in instead.',
          )
        }
        const clock = createClock(sql)
        await clock.start()
        const link = await createSetupLink(sql, origin(config), clock.wall())
        await clock.stop()
        process.stdout.write(`${link.url}\n`)
      })
    })
}
