/**
 * Breaks the product on purpose and has the carrier's ledger say who was lost and who was called twice.
 *
 *   npm run test:faults                        the quick tier, as every change has to pass it
 *   npm run test:faults -- --full              every row in full size, by hand: two hours on a quiet machine
 *   npm run test:faults -- --only crash        the rows whose names begin so; several are separated by |
 *   npm run test:faults -- --mutants           servers that are wrong on purpose: each must be caught
 *   …  --seed 7  --scale 0.2  --at-once 1
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { agreedRows } from './agreed-calls.ts'
import { listRows } from './carrier-list.ts'
import { databaseRows } from './database.ts'
import { inputRows } from './input.ts'
import { carrierRows } from './carrier.ts'
import { crashPointRows } from './crash-points.ts'
import { crashRows } from './crash.ts'
import { openGround, withProgram, type Ground } from './ground.ts'
import { migrationRows } from './migrations.ts'
import type { Mutant } from './mutant.ts'
import { mutantsOfDialing } from './mutants-of-dialing.ts'
import { mutantsOfReports } from './mutants-of-reports.ts'
import { checkout } from './processes.ts'
import { buildCarrier, buildProgram, programFolder } from './program.ts'
import { purchaseRows } from './purchases.ts'
import type { Outcome, Row } from './row.ts'
import { ruleRows } from './rules.ts'
import { textRows } from './texts.ts'
import { restoreRows } from './restore.ts'
import { timeRows } from './time.ts'
import { webhookRows } from './webhooks.ts'
import { workerRows } from './workers.ts'

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    scale: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '4' },
  },
})
const [seed, scale, atOnce] = [Number(values.seed), Number(values.scale), Number(values['at-once'])]
/** The longest first: nothing is left alone at the end. */
const rows: Row[] = [
  ...crashPointRows,
  ...migrationRows,
  ...crashRows,
  ...workerRows,
  ...listRows,
  ...databaseRows,
  ...carrierRows,
  ...textRows,
  ...agreedRows,
  ...purchaseRows,
  ...webhookRows,
  ...ruleRows,
  ...restoreRows,
  ...timeRows,
  ...inputRows,
]
const parts = values.only.split('|')
let passed = 0
let failed = 0

const startedMs = performance.now()
say(`seed ${seed}`)
const built = { program: await buildProgram('product'), carrier: await buildCarrier() }
const ground = await openGround({ seed, scale, full: values.full, ...built })
try {
  if (values.mutants)
    await inLanes(
      [...mutantsOfDialing, ...mutantsOfReports].filter(({ name }) =>
        parts.some((part) => name.includes(part)),
      ),
      catchMutant,
    )
  else await inLanes(rows.filter(isWanted), (row) => judgeRow(row, ground))
} finally {
  await ground.close()
  rmSync(join(checkout, programFolder), { recursive: true, force: true })
}
say(`${Math.round((performance.now() - startedMs) / 1_000)} s`)
say(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

function isWanted(row: Row): boolean {
  return parts.some((part) => row.name.startsWith(part)) && (values.full || row.fullOnly !== true)
}

async function judgeRow(row: Row, on: Ground): Promise<void> {
  const { figures, findings } = await outcomeOf(row, on)
  tell(findings.length === 0, row.name, figures)
  for (const finding of findings.slice(0, 12)) say(`       ${finding}`)
  if (findings.length > 12) say(`       and ${findings.length - 12} more`)
}

/** A mutant is caught when the row that is named finds what it does. */
async function catchMutant(mutant: Mutant): Promise<void> {
  const row = rows.find(({ name }) => name === mutant.caughtBy)
  if (row === undefined) throw new Error(`there is no row "${mutant.caughtBy}"`)
  const program = await buildProgram(mutant.name.replace(/\W+/g, '-'), mutant.patches)
  const { findings } = await outcomeOf(row, withProgram(ground, program))
  // Anything else may be the machine's.
  const named = findings.find((finding) => mutant.finding.test(finding))
  const found = named ?? `nothing that names it: ${findings[0] ?? 'nothing at all'}`
  tell(named !== undefined, mutant.name, {
    by: mutant.caughtBy,
    found: found.slice(0, 200).replaceAll('\n', ' '),
  })
}

async function outcomeOf(row: Row, on: Ground): Promise<Outcome> {
  try {
    return await row.run(on)
  } catch (error) {
    return {
      figures: {},
      findings: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }
  }
}

async function inLanes<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items]
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

function tell(good: boolean, name: string, figures: Record<string, string | number>): void {
  if (good) passed += 1
  else failed += 1
  const told = Object.entries(figures).map(([key, value]) => `${key} ${value}`)
  say(`${good ? 'ok    ' : 'FAILED'} ${name}: ${told.join(', ')}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
