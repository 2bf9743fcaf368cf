/** The `trunkline` command. Data goes to standard output, everything else to standard error. */
import { Command } from 'commander'
import { AppError } from '../errors.ts'
import { ConfigError } from '../config.ts'
import { auditCommand } from './audit.ts'
import { carrierCommand } from './carrier.ts'
import { clockCommand } from './clock.ts'
import { demoCommand } from './demo.ts'
import { dumpCommand } from './dump.ts'
import { holdCommand } from './hold.ts'
import { metricsTokenCommand } from './metrics-token.ts'
import { setupLinkCommand } from './setup-link.ts'
import { startCommand } from './start.ts'

const program = new Command('trunkline')
  .description('Self-hosted server for everything a business does by phone')
  .showSuggestionAfterError()
  .addHelpText('after', '\nSettings come from the environment; docs/reference/configuration.md lists them.')

for (const command of [
  startCommand(),
  demoCommand(),
  carrierCommand(),
  clockCommand(),
  auditCommand(),
  dumpCommand(),
  holdCommand(),
  setupLinkCommand(),
  metricsTokenCommand(),
]) {
  program.addCommand(command)
}

try {
  await program.parseAsync(process.argv)
} catch (error) {
  // What the caller can act on is one sentence; anything else is a bug and shows where.
  const expected = error instanceof AppError || error instanceof ConfigError
  process.stderr.write(
    `${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exit(1)
}
