/**
 * Rows a second of a workbook (XLSX): 200,000 rows of a number, a name and an age, with shared texts as spreadsheet
 * programs write them. Ours opens, checks and reads it as the product does when it receives one, up to the records that
 * an import takes; the limit unpacks the two parts whole and looks for what it knows is there; SheetJS, when the peers are
 * installed, reads it into an array. They run in turns, each in a process of its own; the middle of three rounds counts.
 *
 *   npx tsx bench/workbook.ts            ROWS=200000 ROUNDS=3
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeXlsx } from 'hucre/xlsx'
import { middle, percent, printResult, type Side } from './result.ts'
import { readByHand } from './workbook-limit.ts'
import { readByProduct } from './workbook-product.ts'

/** What was read: as many rows, and the sum of their ages and of the last four digits of their numbers. */
export type Content = { rows: number; checksum: number }

type Measured = Side & Content

const rows = Number(process.env['ROWS'] ?? 200_000)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const wanted = { perSecond: 100_000, mostMb: 300 }
const peers = resolve(import.meta.dirname, 'peers')
const sheetJs = join(peers, 'read-workbook.mjs')

const [who, given] = process.argv.slice(2)
if (who !== undefined && given !== undefined) await runOne(who, given)
else await compare()

/** The child's part: one reading, its figures as the last line. */
async function runOne(name: string, path: string): Promise<void> {
  const startedAt = performance.now()
  const before = process.cpuUsage()
  const content = await (name === 'ours' ? readByProduct(path) : readByHand(path))
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(before)
  const peakKb = process.resourceUsage().maxRSS
  console.log(JSON.stringify({ ...content, seconds, cpuSeconds: (user + system) / 1e6, peakKb }))
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const path = join(folder, 'recipients.xlsx')
  const expected = await writeWorkbook(path)
  const names = ['limit', 'ours', ...(existsSync(join(peers, 'node_modules', 'xlsx')) ? ['SheetJS'] : [])]
  const measured = new Map<string, Measured[]>(names.map((name) => [name, []]))
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const name of names) {
        const one = await runChild(name, path)
        measured.get(name)?.push(one)
        console.log(
          `round ${round}: ${name} ${one.perSecond} rows/s (${one.perCpuSecond} a processor second), memory ${one.rssMb} MB`,
        )
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  report(
    names.map((name) => middle(measured.get(name) ?? [])),
    expected,
  )
}

function report(sides: readonly Measured[], expected: Content): void {
  const ours = sides.find(({ name }) => name === 'ours')
  if (ours === undefined) throw new Error('Nothing was measured')
  const beside = sides.filter((one) => one !== ours)
  const shares = beside.map((one) => `${percent(ours.perSecond, one.perSecond)} of ${one.name}`)
  console.log(
    `workbook of ${rows} rows: ours ${ours.perSecond} rows/s (wanted: ${wanted.perSecond}), memory ${ours.rssMb} MB; ${shares.join(', ')}`,
  )
  const agree = sides.every((one) => one.rows === expected.rows && one.checksum === expected.checksum)
  printResult({
    ...figures({ ...ours, name: 'trunkline-workbook' }),
    count: rows,
    beside: beside.map(figures),
    checks: {
      'every row was read, as it was written': agree,
      [`memory of at most ${wanted.mostMb} MB`]: (ours.rssMb ?? 0) <= wanted.mostMb,
    },
  })
}

function figures({ name, perSecond, perCpuSecond = 0, rssMb = 0 }: Measured): Side {
  return { name, perSecond, perCpuSecond, rssMb }
}

async function writeWorkbook(path: string): Promise<Content> {
  const sheet: (string | number)[][] = [['number', 'name', 'age']]
  let checksum = 0
  for (let index = 0; index < rows; index++) {
    const number = 9_840_000_000 + ((index * 7_919) % 10_000_000)
    const age = 18 + (index % 60)
    checksum += age + (number % 10_000)
    sheet.push([number, `Customer ${index}`, age])
  }
  writeFileSync(path, await writeXlsx({ sheets: [{ name: 'S', rows: sheet }] }))
  return { rows: rows + 1, checksum }
}

async function runChild(name: string, path: string): Promise<Measured> {
  const program =
    name === 'SheetJS' ? [sheetJs, path] : [...process.execArgv, fileURLToPath(import.meta.url), name, path]
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  const code = await new Promise<number | null>((ended) => child.once('close', ended))
  const last = output.trim().split('\n').at(-1) ?? ''
  if (code !== 0 || !last.startsWith('{')) throw new Error(`${name} ended with ${code}: ${output}`)
  const read = JSON.parse(last) as Content & { seconds: number; cpuSeconds: number; peakKb: number }
  const { seconds, cpuSeconds, peakKb, ...content } = read
  const perCpuSecond = Math.round(read.rows / cpuSeconds)
  return {
    name,
    ...content,
    perSecond: Math.round(read.rows / seconds),
    perCpuSecond,
    rssMb: Math.round(peakKb / 1_024),
  }
}
