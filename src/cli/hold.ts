import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { findHold, type Hold } from '../db/installation.ts'
import { releaseHold } from '../dialer/restore-store.ts'
import { dialChannel, textChannel } from '../dialer/dialer.ts'
import { AppError } from '../errors.ts'
import { withDatabase } from './open-database.ts'

/** A restored database waits for a person: what it found out meanwhile, and how to let it go. */
export function holdCommand(): Command {
  const command = new Command('hold').description('why nothing is dialed after a restore, and let it go')
  command
    .command('show', { isDefault: true })
    .description('say whether dialing is on hold, and what the carrier did since the backup')
    .action(() =>
      withDatabase(readConfig(process.env), async (sql) => {
        process.stdout.write(`${told(await findHold(sql))}\n`)
      }),
    )
  command
    .command('release')
    .option('--unswept', 'although the carrier was not asked what it did since the backup')
    .description('dial again')
    .action((options: { unswept?: boolean }) =>
      withDatabase(readConfig(process.env), async (sql) => {
        const hold = await findHold(sql)
        if (hold !== null && hold.sweptAt === null && options.unswept !== true)
          throw new AppError(
            'conflict',
            'not_swept',
            'The carrier was not asked yet what it did since the backup: start the server and wait, or add --unswept, and people who were called since may be called again.',
          )
        await releaseHold(sql, [dialChannel, textChannel])
        process.stdout.write(hold === null ? 'Dialing was not on hold.\n' : 'Dialing goes on.\n')
      }),
    )
  return command
}

function told(hold: Hold | null): string {
  if (hold === null) return 'Dialing is not on hold.'
  const first = `Dialing is on hold since ${hold.since.toISOString()}: this database was restored from a backup${
    hold.from === null ? '' : ` of about ${hold.from.toISOString()}`
  }.`
  if (hold.sweptAt === null)
    return `${first}\nThe carrier was not asked yet what it did since then; a running server asks it.`
  return `${first}\nThe carrier had ${hold.unknownCalls} calls and texts since then that this database did not know. ${hold.setAside} numbers, calls and texts that waited were reached by them and are set aside (reached_before_restore).\nLet it go with: npx trunkline hold release`
}
