import { Command } from 'commander'
import { CARRIER_USAGE, runCarrier } from '../../simulator/main.ts'
import { readConfig } from '../config.ts'
import { silentLog } from '../log.ts'
import { untilStopped } from './until-stopped.ts'

/** The simulated carrier as a process of its own, with the credentials and people that `start` expects. */
export function carrierCommand(): Command {
  return new Command('carrier')
    .description('run the simulated carrier as a process of its own')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[options...]', 'see trunkline carrier --help')
    .action(async (given: string[]) => {
      if (given.includes('--help') || given.includes('-h')) {
        process.stdout.write(`${CARRIER_USAGE}\n`)
        return
      }
      const carrier = await runCarrier([...defaults(), ...given])
      process.stdout.write(`${JSON.stringify({ url: carrier.url, defaultNumber: carrier.defaultNumber })}\n`)
      await untilStopped(() => carrier.close(), new Promise(() => {}), silentLog)
    })
}

/** The same environment as the server's says who the account is and how its people behave. */
function defaults(): string[] {
  const { carrier, dataDir, callerId } = readConfig(process.env)
  return [
    ['--account-sid', carrier.accountSid],
    ['--auth-token', carrier.authToken],
    ['--data', `${dataDir}/carrier`],
    ['--seed', String(carrier.seed)],
    ['--speed', String(carrier.speed)],
    ...(carrier.port === 0 ? [] : [['--port', String(carrier.port)]]),
    ...(carrier.profile === null ? [] : [['--profile', carrier.profile]]),
    ...(callerId === null ? [] : [['--verified', callerId]]),
  ].flat()
}
