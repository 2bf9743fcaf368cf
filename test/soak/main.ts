/**
 * An hour of work at half of what the machine can do: does anything grow that should not?
 *
 *   npm run test:soak                                    sixty minutes, by hand
 *   npm run test:soak -- --minutes 5 --out /tmp/soak     a short one, and where its curves go
 *   …  --most 40  --seed 7                               starts a second at most, also when half the capacity is more
 *   …  --rate 15                                         starts a second, without measuring what is possible
 *
 * First the capacity is measured, beside whatever else this machine does; then a server started afresh works at half of
 * it. Every ten seconds its memory, files and connections, PostgreSQL's memory and the sizes of all tables are written
 * down. At the end a line is fitted through the last two thirds, and the ledger and the audit judge every call.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openGround } from '../faults/ground.ts'
import { createRig, type Rig } from '../faults/installation.ts'
import { checkout, terminate } from '../faults/processes.ts'
import { buildCarrier, buildProgram, programFolder } from '../faults/program.ts'
import { judge, quiet } from '../faults/verdict.ts'
import { drawCurves, writeTable } from './curves.ts'
import { dialerKey, startLoad } from './load.ts'
import {
  childRunning,
  postmasterOf,
  readConnections,
  readMetrics,
  readProcesses,
  readTables,
  type Figures,
} from './probe.ts'
import { figurePoints, tablePoints, tellAll, toldAsMarkdown, type Sample } from './verdict.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    most: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '' },
    'capacity-seconds': { type: 'string', default: '90' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    out: { type: 'string', default: 'soak' },
  },
})
const minutes = Number(values.minutes)
const out = resolve(values.out)
const sampleEveryMs = 10_000
let rate = 0

say(`seed ${values.seed}`)
const built = { program: await buildProgram('product'), carrier: await buildCarrier() }
const ground = await openGround({ seed: Number(values.seed), scale: 1, full: true, ...built })
let findings: string[] = []
try {
  findings = await soak()
} finally {
  await ground.close()
  rmSync(join(checkout, programFolder), { recursive: true, force: true })
}
for (const finding of findings.slice(0, 30)) say(`  ${finding}`)
say(findings.length === 0 ? 'flat' : `${findings.length} findings`)
process.exit(findings.length === 0 ? 0 : 1)

async function soak(): Promise<string[]> {
  const rig = await createRig(ground, {
    maxConcurrentCalls: 1_000,
    unknownAfterSeconds: 120,
    environment: () => ({ CALLS_PER_SECOND: String(rate), DIALER_API_KEY: dialerKey }),
  })
  try {
    const possible = values.rate === '' ? await halfOfCapacity(rig) : 'chosen by hand'
    if (values.rate !== '') rate = Number(values.rate)
    say(`${rate} calls and texts a second, ${possible}`)
    await rig.start()
    const samples = await workAndWatch(rig, (some) => writeFigures(some, possible))
    const told = tellAll(samples)
    writeFileSync(join(out, 'verdict.md'), toldAsMarkdown(told))
    say(toldAsMarkdown(told.filter(({ judged }) => judged !== 'shown')))
    const grown = told.filter(({ judged }) => judged === 'grows').map(({ name }) => `${name} grows`)
    const judged = await judge(rig)
    say(
      `${judged.ledger.length} calls at the carrier, ${judged.findings.length} findings of ledger and audit`,
    )
    return [...rig.findings, ...grown, ...judged.findings]
  } finally {
    await rig.close()
  }
}

async function halfOfCapacity(rig: Rig): Promise<string> {
  const capacity = await measureCapacity(rig)
  rate = Math.min(Number(values.most), Math.max(1, Math.floor(capacity / 2)))
  return `where ${capacity.toFixed(1)} were possible beside everything else`
}

/** Calls and texts a second when nothing holds the server back, after it had some seconds to get going. */
async function measureCapacity(rig: Rig): Promise<number> {
  rate = 5_000
  const server = await rig.start()
  const load = await startLoad(rig, { peoplePerRun: 3_000, textsPerRun: 300 })
  await delay(20_000)
  const before = await accepted(rig)
  const startedMs = performance.now()
  await delay(Number(values['capacity-seconds']) * 1_000)
  const capacity = ((await accepted(rig)) - before) / ((performance.now() - startedMs) / 1_000)
  await load.stop()
  await quiet(rig, 120_000)
  await terminate(server.child)
  return capacity
}

/** Looks on while the load works. What was seen is kept every minute, so that a soak that breaks off has told it. */
async function workAndWatch(rig: Rig, keep: (samples: readonly Sample[]) => void): Promise<Sample[]> {
  const pid = rig.living()[0]?.child.pid ?? 0
  const processes = {
    server: pid,
    carrier: childRunning(ground.carrier),
    postmaster: await postmasterOf(rig.sql),
  }
  const load = await startLoad(rig, {
    peoplePerRun: Math.max(50, Math.round(rate * 60)),
    textsPerRun: Math.max(10, Math.round(rate * 3)),
  })
  const samples: Sample[] = []
  const startedMs = performance.now()
  const atSeconds = (): number => (performance.now() - startedMs) / 1_000
  let last = { at: 0, accepted: await accepted(rig), cpu: cpuOf(readProcesses(processes)) }
  const look = async (): Promise<void> => {
    const at = atSeconds()
    const used = readProcesses(processes)
    const now = { at, accepted: await accepted(rig), cpu: cpuOf(used) }
    const figures: Figures = {
      'starts a second': (now.accepted - last.accepted) / (at - last.at),
      ...used,
      ...(await readMetrics(rig.origin(0))),
      connections: await readConnections(rig.sql),
      'processors used': (now.cpu - last.cpu) / (at - last.at),
      'load of the machine': loadavg()[0] ?? 0,
    }
    samples.push({ atSeconds: at, figures, tables: await readTables(rig.sql) })
    last = now
  }
  while (atSeconds() < minutes * 60) {
    await delay(sampleEveryMs - ((performance.now() - startedMs) % sampleEveryMs))
    await look().catch((error: unknown) => say(`not seen at ${Math.round(atSeconds())} s: ${String(error)}`))
    if (samples.length % 6 === 0) keep(samples)
    if (samples.length % 30 === 0)
      say(`${Math.round(atSeconds() / 60)} min: ${JSON.stringify(rounded(samples.at(-1)?.figures ?? {}))}`)
  }
  keep(samples)
  // What was measured counts, also when a part of the load broke off or something is left over.
  await load.stop().catch((error: unknown) => rig.findings.push(`the load broke off: ${String(error)}`))
  await quiet(rig, 300_000).catch((error: unknown) => rig.findings.push(String(error)))
  say(`answers to people and programs: ${JSON.stringify(Object.fromEntries(load.answers))}`)
  return samples
}

async function accepted(rig: Rig): Promise<number> {
  return (await rig.accepted()) + (await rig.acceptedTexts())
}

function cpuOf(used: Figures): number {
  return (used['server CPU s'] ?? 0) + (used['PostgreSQL CPU s'] ?? 0) + (used['carrier CPU s'] ?? 0)
}

function writeFigures(samples: readonly Sample[], possible: string): void {
  mkdirSync(out, { recursive: true })
  const rows = samples.map(({ atSeconds, figures }) => ({ seconds: Math.round(atSeconds), ...figures }))
  writeFileSync(join(out, 'figures.csv'), writeTable(rows))
  const tables = samples.flatMap(({ atSeconds, tables: some }) =>
    some
      .filter(({ rows: count, dead }) => count + dead > 0)
      .map((table) => ({ seconds: Math.round(atSeconds), ...table })),
  )
  writeFileSync(join(out, 'tables.csv'), writeTable(tables))
  const names = Object.keys(samples[0]?.figures ?? {}).filter((name) => !name.endsWith('CPU s'))
  const perCall = (name: string) =>
    tablePoints(samples, name, ({ bytes, rows: count }) => bytes / Math.max(count, 1))
  const size = (name: string) => tablePoints(samples, name, ({ bytes }) => bytes / 1024)
  const curves = [
    ...names.map((name) => ({ name, points: figurePoints(samples, name) })),
    { name: 'calls: bytes a row', points: perCall('calls') },
    { name: 'campaign_numbers: bytes a row', points: perCall('campaign_numbers') },
    { name: 'carrier_accounts: KiB', points: size('carrier_accounts') },
    { name: 'totals: KiB', points: size('totals') },
    { name: 'event_heads: KiB', points: size('event_heads') },
  ]
  const title = `${minutes} minutes at ${rate} calls and texts a second, ${possible}`
  writeFileSync(join(out, 'curves.svg'), drawCurves(title, curves))
}

function rounded(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10]),
  )
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
