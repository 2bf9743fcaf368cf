/** What every scenario ends with: all calls final, and neither the records nor the carrier's ledger find anything. */
import { expect } from 'vitest'
import { isFinal } from '../../src/calls/call.ts'
import { audit } from '../../src/dialer/audit.ts'
import type { Finding } from '../../src/dialer/judge.ts'
import { ledgerCalls, type LedgerCall } from '../../simulator/ledger-calls.ts'
import { readLedger } from '../../simulator/ledger.ts'
import type { LedgerEntry } from '../../simulator/ledger-entry.ts'
import { runState, type TestRun } from '../campaign.ts'
import { judgeLedger, ownCalls, type LedgerFinding, type Limits } from '../ledger-judge.ts'
import { eventually, type World } from '../world.ts'

export async function completed(world: World, run: TestRun, withinMs = 20_000): Promise<void> {
  const what = `run ${run.runId} is completed`
  await eventually(what, async () => (await runState(world.sql, run.runId)) === 'completed', withinMs)
}

/** No call is open any more, here and at the carrier. */
export async function quiet(world: World, withinMs = 20_000): Promise<void> {
  await eventually(
    'no call is open',
    async () => {
      const [row] = await world.sql<{ open: number }[]>`
        select count(*)::int as open from calls where phase in ('open', 'waiting')`
      return row?.open === 0 && world.phones.openCalls() === 0
    },
    withinMs,
  )
}

export type Verdict = {
  ledger: LedgerCall[]
  /** Findings of the ledger judge and of the audit. */
  findings: (LedgerFinding | Finding)[]
}

/** `everybody`: the numbers each run had to call. */
export async function verdict(
  world: World,
  everybody: readonly { run: TestRun; numbers: readonly string[] }[],
  limits: Limits = {},
): Promise<Verdict> {
  const ledger = await ledgerCalls(world.ledgerPath)
  const own = await ownCalls(world.sql)
  const eligible = everybody.flatMap(({ run, numbers }) => numbers.map((to) => ({ runId: run.runId, to })))
  const findings = judgeLedger({ ledger, own, eligible, references: world.references, limits })
  const records = await audit(world.sql, world.clock.now())
  return { ledger, findings: [...findings, ...records.findings] }
}

/** The whole promise: everybody was called, once; every call is final; every record agrees with the carrier's. */
export async function expectPromiseKept(
  world: World,
  everybody: readonly { run: TestRun; numbers: readonly string[] }[],
  limits: Limits = {},
): Promise<LedgerCall[]> {
  await quiet(world)
  const { ledger, findings } = await verdict(world, everybody, limits)
  expect(findings).toEqual([])
  expect((await ownCalls(world.sql)).filter((call) => !isFinal(call.state))).toEqual([])
  return ledger
}

/** Everything the carrier wrote down, refused requests included. */
export async function ledgerEntries(world: World): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for await (const entry of readLedger(world.ledgerPath)) entries.push(entry)
  return entries
}
