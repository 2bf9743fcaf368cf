import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SingleBar } from 'cli-progress'
import { Command } from 'commander'
import { readConfig, type Config } from '../config.ts'
import { createLog } from '../log.ts'
import { startServer } from '../main.ts'
import { beginDemoCampaign, type Progress } from './demo-campaign.ts'
import { showDialerKey } from './first-accounts.ts'
import { markDemo, requireDemoIsHarmless } from '../demo-mark.ts'
import { demoPassword, demoPeople, ensureDemoWorkspace } from './demo-workspace.ts'
import { untilStopped } from './until-stopped.ts'

type DemoOptions = { exit?: boolean; json?: boolean }

/** Fast enough to watch, slow enough to see: phones ring and talk twenty times faster than life. */
const demoSpeed = '20'
const demoDialerKey = 'demo-dialer-key'
const giveUpAfterMs = 10 * 60_000

export function demoCommand(): Command {
  return new Command('demo')
    .description('call a thousand people who do not exist, and show what came of it')
    .option('--exit', 'end after the table instead of serving on')
    .option('--json', 'print the table as one JSON object on the last line')
    .action(async (options: DemoOptions) => {
      const config = readConfig({
        CARRIER_SPEED: demoSpeed,
        DIALER_API_KEY: demoDialerKey,
        DATA_DIR: './data/demo',
        LOG_LEVEL: 'warn',
        ...process.env,
      })
      requireDemoIsHarmless(config)
      markDemo(config.dataDir)
      const log = createLog({ level: config.logLevel })
      const server = await startServer(config, log)
      await ensureDemoWorkspace(
        server.sql,
        { timeZone: config.timeZone, defaultRegion: config.defaultRegion },
        server.clock.now(),
      )
      await showDialerKey(server, config)
      process.stderr.write(`Trunkline demo on ${server.url}: nothing is dialled, the phones are simulated.\n`)
      const startedMs = performance.now()
      const { read } = await beginDemoCampaign(
        server.url,
        samplePath(),
        `Demo of ${server.clock.now().toISOString().slice(0, 16).replace('T', ' ')}`,
      )
      const outcome = await watch(read, startedMs)
      const seconds = Math.round((performance.now() - startedMs) / 100) / 10
      printTable(outcome, seconds, options)
      if (options.exit) {
        await server.stop()
        process.exit(0)
      }
      printLogins(server.url, config)
      await untilStopped(server.stop, server.lost, log)
    })
}

/** Shows progress until the campaign is over: a bar at a terminal, a line now and then elsewhere. */
async function watch(read: () => Promise<Progress>, startedMs: number): Promise<Progress> {
  const terminal = process.stderr.isTTY
  const bar = new SingleBar({
    format:
      'Calling  {bar}  {percentage} %  {value}/{total}  {rate}/s  {calling} on the phone  ETA {eta_formatted}',
    hideCursor: true,
    stream: process.stderr,
  })
  let lastLineMs = 0
  let begun = false
  for (;;) {
    const progress = await read()
    const nowMs = performance.now()
    const rate = Math.round(progress.done / Math.max(0.5, (nowMs - startedMs) / 1_000))
    if (terminal && !begun) bar.start(progress.total, 0, { rate: 0, calling: 0 })
    begun = true
    if (terminal) bar.update(progress.done, { rate, calling: progress.calling })
    else if (nowMs - lastLineMs > 2_000 || progress.finished) {
      lastLineMs = nowMs
      const eta = rate > 0 ? `${Math.ceil((progress.total - progress.done) / rate)} s left` : 'starting'
      process.stderr.write(
        `${progress.done}/${progress.total} done, ${progress.calling} on the phone, ${rate}/s, ${eta}\n`,
      )
    }
    if (progress.finished) {
      if (terminal) bar.stop()
      return progress
    }
    if (nowMs - startedMs > giveUpAfterMs) throw new Error('The demo did not finish within ten minutes.')
    await new Promise((next) => setTimeout(next, 250))
  }
}

function printTable({ outcomes, total }: Progress, seconds: number, options: DemoOptions): void {
  const width = Math.max(...Object.keys(outcomes).map((word) => word.length), 'recipients'.length)
  const rows = Object.entries(outcomes).map(
    ([word, count]) => `${word.padEnd(width)}  ${String(count).padStart(6)}`,
  )
  process.stdout.write(
    [
      '',
      ...rows,
      '-'.repeat(width + 8),
      `${'recipients'.padEnd(width)}  ${String(total).padStart(6)}`,
      '',
    ].join('\n'),
  )
  process.stdout.write(`\nin ${seconds} s\n`)
  if (options.json) process.stdout.write(`${JSON.stringify({ recipients: total, outcomes, seconds })}\n`)
}

function printLogins(url: string, config: Config): void {
  const people = demoPeople.map(
    (person) =>
      `  ${person.role.padEnd(8)} ${person.email}${person.username ? ` (or ${person.username})` : ''}`,
  )
  process.stdout.write(
    [
      `Look at it: ${url}/`,
      `Password of every account: ${demoPassword}`,
      `Dialer key: ${config.dialerApiKey ?? demoDialerKey}`,
      ...people,
      `Data: ${config.dataDir}. Ctrl-C stops the server.`,
      '',
    ].join('\n'),
  )
}

/** The sample list ships with the package, beside the bundle and beside the sources alike. */
function samplePath(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'samples', 'people-1000.csv')
    if (existsSync(path)) return path
    if (folder === dirname(folder))
      throw new Error('samples/people-1000.csv is missing from this installation')
  }
}
