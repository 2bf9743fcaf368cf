import { Command } from 'commander'
import { readConfig, type Config } from '../config.ts'
import { createLog } from '../log.ts'
import { startServer, type RunningServer } from '../main.ts'
import { inviteFirstAdmin, showDialerKey } from './first-accounts.ts'
import { untilStopped } from './until-stopped.ts'

export function startCommand(): Command {
  return new Command('start').description('start the server').action(async () => {
    const config = readConfig(process.env)
    const log = createLog({ level: config.logLevel })
    const startedMs = performance.now()
    const server = await startServer(config, log)
    const notes = [...(await inviteFirstAdmin(server, config)), ...(await showDialerKey(server, config))]
    announce(server, config, { notes, startedMs })
    await untilStopped(server.stop, server.lost, log)
  })
}

function announce(server: RunningServer, config: Config, told: { notes: string[]; startedMs: number }): void {
  const database =
    config.databaseUrl === null ? `PostgreSQL in ${config.dataDir}` : 'PostgreSQL at DATABASE_URL'
  const carrier = config.carrier.live
    ? `LIVE carrier ${server.carrier.name}: real phones ring`
    : `simulated carrier${server.phones ? ` on ${server.phones.url}` : ` at ${config.carrier.apiBaseUrl ?? ''}`}: nothing is dialled`
  const seconds = ((performance.now() - told.startedMs) / 1_000).toFixed(1)
  const lines = [
    `Trunkline is ready on ${config.publicUrl ?? server.url} (${seconds} s)`,
    `  ${database}`,
    `  ${carrier}`,
    ...told.notes.map((note) => `  ${note}`),
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
}
