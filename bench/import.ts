/**
 * A million rows of CSV: received, checked, read, deduplicated and stored as recipients, against a hand-made minimum
 * on the same PostgreSQL (split lines, two patterns, a set of numbers, one COPY into a table with the same columns
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

/** `rowsPerSecond` from the first byte to the last row; `peakMb`: the memory of the whole process. */
export type Figures = { rowsPerSecond: number; receivedMs: number; peakMb: number; numbers: number }

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
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  const figures = await run(databaseUrl, path, rows)
  clearInterval(watch)
  console.log(JSON.stringify({ ...figures, peakMb: Math.round(peak / 2 ** 20) }))
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const path = join(folder, 'recipients.csv')
  const expected = await writeRecipients(path, rows)
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log: silentLog })
  try {
    const product: Figures[] = []
    const limit: Figures[] = []
    for (let round = 1; round <= rounds; round++) {
      limit.push(await runChild('limit', postgres.url, path))
      product.push(await runChild('product', postgres.url, path))
      console.log(`round ${round}: limit ${line(limit.at(-1))}; product ${line(product.at(-1))}`)
    }
    report(middle(product), middle(limit), expected)
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(product: Figures, limit: Figures, expected: number): void {
  const share = product.rowsPerSecond / limit.rowsPerSecond
  console.log(
    `import ${rows} rows: product ${line(product)}; limit ${line(limit)}; share ${(share * 100).toFixed(0)} % (wanted: ${wantedShare * 100} %)`,
  )
  const problems = [
    ...[product, limit]
      .filter((one) => one.numbers !== expected)
      .map((one) => `${one.numbers} numbers, not ${expected}`),
    ...(product.peakMb > mostMb ? [`memory of more than ${mostMb} MB`] : []),
  ]
  for (const problem of problems) console.error(`FAILED: ${problem}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

async function runChild(name: 'product' | 'limit', databaseUrl: string, path: string): Promise<Figures> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...asInstalled, fileURLToPath(import.meta.url), name, databaseUrl, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const last = output.trim().split('\n').at(-1) ?? ''
  if (code !== 0 || !last.startsWith('{')) throw new Error(`${name} ended with ${code}: ${output}`)
  return JSON.parse(last) as Figures
}

function middle(figures: readonly Figures[]): Figures {
  const sorted = figures.toSorted((a, b) => a.rowsPerSecond - b.rowsPerSecond)
  const found = sorted[Math.floor(sorted.length / 2)]
  if (found === undefined) throw new Error('Nothing was measured')
  return found
}

function line(figures: Figures | undefined): string {
  if (figures === undefined) return '-'
  const { rowsPerSecond, receivedMs, peakMb } = figures
  return `${rowsPerSecond} rows/s, memory ${peakMb} MB${receivedMs > 0 ? `, received in ${receivedMs} ms` : ''}`
}
