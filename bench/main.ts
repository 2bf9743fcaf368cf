/**
 * All measurements of this folder one after the other, and one table of what they came to: `npm run bench`. Limits and
 * peers that are programs of their own run right behind ours, on a PostgreSQL that is started for them; those whose
 * packages are not installed (`npm ci` in bench/peers) are left out and named. QUICK=1 measures a tenth of the work once:
 * enough to see that everything runs, not to compare. Ends with 1 when work was not really done.
 *
 *   npm run build && npm run bench            npm run bench -- import claim
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { silentLog } from '../src/log.ts'
import { percent, type Result, type Side } from './result.ts'

const folder = import.meta.dirname
const isQuick = process.env['QUICK'] === '1'
const amount = (whole: number): string => String(isQuick ? whole / 10 : whole)
const rounds = { ROUNDS: isQuick ? '1' : '3' }
const havePeers = existsSync(join(folder, 'peers', 'node_modules'))

type Program = { file: string; args?: readonly string[]; env?: Record<string, string> }
type Measurement = { name: string; work: string; wanted: string; ours: Program; beside?: readonly Program[] }

const peer = (file: string, n: number, ...args: string[]): Program => ({
  file: `peers/${file}.mjs`,
  args,
  env: { N: amount(n) },
})

const measurements: readonly Measurement[] = [
  {
    name: 'lifecycle',
    work: 'complete calls',
    wanted: '50 % of the limit, 3 x the library',
    ours: { file: 'lifecycle.ts', env: { N: amount(20_000) } },
    beside: [peer('limit-lifecycle', 20_000), peer('library-lifecycle', 20_000, 'pgboss')],
  },
  {
    name: 'dial',
    work: 'calls placed',
    wanted: '60 % of the limit, 3 x the library',
    ours: { file: 'dial.ts', env: { N: amount(20_000) } },
    beside: [peer('limit-dial', 20_000), peer('library-dial', 20_000, 'graphile')],
  },
  {
    name: 'webhooks',
    work: 'callbacks taken in',
    wanted: '70 % of the limit, 5 x one commit each',
    ours: { file: 'webhooks.ts', env: { N: amount(25_000) } },
    beside: [peer('limit-webhook', 25_000, 'group'), peer('limit-webhook', 25_000, 'each')],
  },
  {
    name: 'call-plans',
    work: 'requests of the day’s plans',
    wanted: '4 x and 5 x Django (PEER_PYTHON); else beside the limit',
    ours: { file: 'call-plans.ts', env: { ...rounds, SECONDS: isQuick ? '1' : '5' } },
  },
  {
    name: 'dashboard',
    work: 'boards of calls',
    wanted: 'see its own figures',
    ours: { file: 'dashboard.ts', env: { SECONDS: isQuick ? '1' : '5' } },
  },
  {
    name: 'import',
    work: 'rows of CSV imported',
    wanted: '60 % of the limit, 300 MB',
    ours: { file: 'import.ts', env: { ...rounds, ROWS: amount(1_000_000) } },
  },
  {
    name: 'workbook',
    work: 'rows of XLSX read',
    wanted: '100,000 a second, 300 MB',
    ours: { file: 'workbook.ts', env: { ...rounds, ROWS: amount(200_000) } },
  },
  {
    name: 'claim',
    work: 'numbers taken up',
    wanted: '60,000 a second, flat',
    ours: { file: 'claim.ts', env: { ...rounds, ROWS: amount(1_000_000) } },
  },
]

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !measurements.some((one) => one.name === name))
if (unknown.length > 0) {
  const names = measurements.map((one) => one.name).join(', ')
  console.error(`There is no measurement ${unknown.join(', ')}. There are: ${names}.`)
  process.exitCode = 2
} else {
  await measureAll(measurements.filter((one) => asked.length === 0 || asked.includes(one.name)))
}

async function measureAll(wanted: readonly Measurement[]): Promise<void> {
  const lines: string[][] = [['work', 'ours', 'a cpu second', 'memory', 'beside it', 'wanted', 'done']]
  for (const one of wanted) lines.push(await measure(one))
  console.log(`\n${table(lines)}`)
  if (!havePeers) console.log('\nLimits and peers of bench/peers were left out: npm ci there installs them.')
}

async function measure({ work, wanted, ours, beside = [] }: Measurement): Promise<string[]> {
  const own = await run(ours)
  const others: (Result | null)[] = []
  for (const program of havePeers ? beside : []) others.push(await run(program))
  const sides = [...(own?.beside ?? []), ...others.filter((one) => one !== null)]
  const isDone = own !== null && others.every((one) => one !== null)
  if (!isDone) process.exitCode = 1
  const shown = sides.map((side) => besideIt(own, side)).join(', ')
  const memory = own?.rssMb === undefined ? '–' : `${own.rssMb} MB`
  return [work, rate(own?.perSecond), rate(own?.perCpuSecond), memory, shown, wanted, isDone ? 'yes' : 'NO']
}

function besideIt(own: Result | null, { name, perSecond, perCpuSecond }: Side): string {
  if (own === null) return `${name} ${rate(perSecond)}`
  const byCpu =
    own.perCpuSecond && perCpuSecond ? `, ${percent(own.perCpuSecond, perCpuSecond)} by processor time` : ''
  return `${percent(own.perSecond, perSecond)} of ${name} (${rate(perSecond)}${byCpu})`
}

function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? '–' : `${Math.round(perSecond).toLocaleString('en')}/s`
}

/** Runs one program to its end, on a PostgreSQL of its own. Null when it failed, or said that work was not done. */
async function run({ file, args = [], env = {} }: Program): Promise<Result | null> {
  console.log(`\n> ${['bench/' + file, ...args].join(' ')}`)
  const data = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const postgres = await startEmbeddedPostgres({ dataDir: data, log: silentLog })
  try {
    const child = spawn(process.execPath, [...process.execArgv, resolve(folder, file), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DATABASE_URL: postgres.url, ...env },
    })
    let output = ''
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString()
      process.stdout.write(piece)
    })
    const code = await new Promise<number | null>((ended) => child.once('close', ended))
    return code === 0 ? resultOf(output) : null
  } finally {
    await postgres.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

/** The last line that is a result. */
function resultOf(output: string): Result | null {
  const line = output.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{"') ? (JSON.parse(line) as Result) : null
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
