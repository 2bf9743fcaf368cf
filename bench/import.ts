/**
 * A million rows of CSV: received, checked, read, deduplicated and stored as recipients, against a hand-made minimum
 * on the same PostgreSQL (split lines, three patterns, a set of numbers, one COPY into a table with the same columns
 * and keys). They run in turns, each in a process of its own; the middle of three rounds counts.
 *
 *   tsx bench/import.ts            ROWS=1000000 ROUNDS=3
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { silentLog } from '../src/log.ts'
import { importByHand } from './import-limit.ts'
import { importByProduct } from './import-product.ts'
import { writeRecipients } from './recipients-file.ts'
import { middle, percent, printResult, type Side } from './result.ts'
import { cpuSeconds, postmasterOf } from './server.ts'

/** `seconds` from the first byte to the last row, `receivedMs` of them until the whole file was received and checked. */
export type Imported = { seconds: number; receivedMs: number; numbers: number }
/** `cpuSeconds`: of the program and of PostgreSQL. */
type Figures = Imported & {
  perSecond: number
  rssMb: number
  cpuSeconds: { program: number; postgres: number }
}

const rows = Number(process.env['ROWS'] ?? 1_000_000)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const wantedShare = 0.6
const mostMb = 300
/** How `npm start` runs node. */
const asInstalled = ['--max-semi-space-size=32', '--heap-growing-percent=80']

const [who, url, file] = process.argv.slice(2)
if (who !== undefined && url !== undefined && file !== undefined) await runOne(who, url, file)
else await compare()

/** The child's part: one import, its figures as the last line. */
async function runOne(name: string, databaseUrl: string, path: string): Promise<void> {
  const run = name === 'product' ? importByProduct : importByHand
  const imported = await run(databaseUrl, path)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ ...imported, program: (userCPUTime + systemCPUTime) / 1e6, peakKb: maxRSS }))
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const path = join(folder, 'recipients.csv')
  const expected = await writeRecipients(path, rows)
  const dataDir = join(folder, 'data')
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog })
  const server = { url: postgres.url, pid: postmasterOf(dataDir) }
  try {
    const product: Figures[] = []
    const limit: Figures[] = []
    for (let round = 1; round <= rounds; round++) {
      limit.push(await runChild('limit', server, path))
      product.push(await runChild('product', server, path))
      console.log(`round ${round}: limit ${line(limit.at(-1))}; product ${line(product.at(-1))}`)
    }
    report(middle(product), middle(limit), expected)
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(product: Figures, limit: Figures, expected: number): void {
  const wanted = percent(wantedShare, 1)
  console.log(
    `import ${rows} rows: product ${line(product)}; limit ${line(limit)}; ` +
      `${percent(product.perSecond, limit.perSecond)} of the limit (wanted: ${wanted}), ` +
      `${percent(perCpuSecond(product), perCpuSecond(limit))} by processor time`,
  )
  printResult({
    ...side('trunkline-import', product),
    count: rows,
    beside: [side('limit', limit)],
    checks: {
      'every number is there, each once': [product, limit].every((one) => one.numbers === expected),
      [`memory of at most ${mostMb} MB`]: product.rssMb <= mostMb,
    },
  })
}

function side(name: string, one: Figures): Side {
  return { name, perSecond: one.perSecond, perCpuSecond: perCpuSecond(one), rssMb: one.rssMb }
}

function perCpuSecond({ cpuSeconds: { program, postgres } }: Figures): number {
  return Math.round(rows / (program + postgres))
}

async function runChild(
  name: 'product' | 'limit',
  server: { url: string; pid: number },
  path: string,
): Promise<Figures> {
  const before = cpuSeconds(server.pid)
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...asInstalled, fileURLToPath(import.meta.url), name, server.url, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const last = output.trim().split('\n').at(-1) ?? ''
  if (code !== 0 || !last.startsWith('{')) throw new Error(`${name} ended with ${code}: ${output}`)
  const { program, peakKb, ...imported } = JSON.parse(last) as Imported & { program: number; peakKb: number }
  return {
    ...imported,
    perSecond: Math.round(rows / imported.seconds),
    rssMb: Math.round(peakKb / 1_024),
    cpuSeconds: { program, postgres: cpuSeconds(server.pid) - before },
  }
}

function line(figures: Figures | undefined): string {
  if (figures === undefined) return '-'
  const { perSecond, receivedMs, rssMb, cpuSeconds: cpu } = figures
  const received = receivedMs > 0 ? `, received in ${receivedMs} ms` : ''
  return `${perSecond} rows/s${received}, memory ${rssMb} MB, processor ${cpu.program.toFixed(1)} + ${cpu.postgres.toFixed(1)} s`
}
