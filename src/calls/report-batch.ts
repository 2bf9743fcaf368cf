/**
 * What one batch of reports does, in one transaction: calls are folded through the state machine and written, and with
 * them their history, what follows from them, totals and events.
 */
import { failpoint } from '../failpoint.ts'
import type { Tx } from '../db/sql.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import type { Log } from '../log.ts'
import type { CallMemory } from './call-memory.ts'
import * as store from './call-store.ts'
import { tellMoves, type Move } from './call-telling.ts'
import type { Call } from './call.ts'
import { advance, type Report } from './report.ts'

/** What follows from moved calls in the same transaction (the numbers of a campaign), and what it adds to the batch's end. */
export type Follower = (tx: Tx, moves: readonly Move[], now: Date) => Promise<WorkspaceBatch[]>

/** What became of a report. `unknown_call`: there is no such call; nothing was stored. */
export type Written = 'changed' | 'known' | 'unknown_call'

export type BatchDeps = {
  log: Log
  carrierAccountId: number
  followers: readonly Follower[]
  memory: CallMemory
}

export type Batch = { written: Written[]; calls: Call[] }

/** One call of a batch with its reports, in the order in which they came. */
type Told = { key: store.CallKey; reports: { index: number; report: Report }[] }
type Folded = Told & {
  before: Call
  after: Call
  entries: store.Entry[]
  strays: store.Stray[]
  written: Written[]
}

/** Writes the reports and returns what became of each, with the calls as they are now. The caller commits. */
export async function writeBatch(tx: Tx, reports: readonly Report[], deps: BatchDeps): Promise<Batch> {
  const folded = await foldAll(tx, toldByCall(reports), deps)
  const written = reports.map((): Written => 'unknown_call')
  for (const one of folded)
    one.reports.forEach(({ index }, place) => (written[index] = one.written[place] ?? 'known'))
  await store.appendStrays(
    tx,
    folded.flatMap((one) => one.strays),
  )
  const changed = folded.filter(isChanged)
  const batch = { written, calls: folded.map((one) => one.after) }
  if (changed.length === 0) return batch
  await store.appendEntries(
    tx,
    changed.flatMap((one) => one.entries),
  )
  failpoint('batch.saved')
  const moved = changed.filter(
    ({ before, after }) =>
      before.state !== after.state || before.heard !== after.heard || before.pressed !== after.pressed,
  )
  if (moved.length === 0) return batch
  const now = reports[reports.length - 1]?.at ?? new Date()
  const consequences = tellMoves(moved)
  for (const follow of deps.followers) consequences.push(...(await follow(tx, moved, now)))
  failpoint('batch.followed')
  await closeBatch(tx, { now, workspaces: consequences })
  failpoint('batch.closed')
  return batch
}

/** In the order of their keys, in which calls are always locked. */
function toldByCall(reports: readonly Report[]): Told[] {
  const told = new Map<string, Told>()
  for (const [index, report] of reports.entries()) {
    const { workspaceId, callId } = report
    const known = told.get(callId)
    if (known === undefined) told.set(callId, { key: { workspaceId, callId }, reports: [{ index, report }] })
    else if (known.key.workspaceId === workspaceId) known.reports.push({ index, report })
  }
  return [...told.values()].sort(
    (a, b) => a.key.workspaceId - b.key.workspaceId || (a.key.callId < b.key.callId ? -1 : 1),
  )
}

/**
 * Folds and saves. Calls that are remembered are written by what was remembered; those that have changed since, at
 * another process or by a claim, are read under their lock and folded once more.
 */
async function foldAll(tx: Tx, told: readonly Told[], deps: BatchDeps): Promise<Folded[]> {
  const hinted = (one: Told): Call | undefined => {
    const call = deps.memory.find(one.key.callId)
    return call?.workspaceId === one.key.workspaceId ? call : undefined
  }
  const [read, bound] = await Promise.all([
    lockedCalls(
      tx,
      told.filter((one) => hinted(one) === undefined),
    ),
    store.boundSids(tx, deps.carrierAccountId, newSids(told, hinted)),
  ])
  failpoint('batch.locked')
  const folded = told.flatMap((one) => {
    const before = hinted(one) ?? read.get(one.key.callId)
    return before === undefined ? [] : [fold(one, before, { bound, log: deps.log })]
  })
  const saved = await store.saveCalls(tx, folded.filter(isChanged))
  const stale = folded.filter((one) => isChanged(one) && !saved.has(one.key.callId))
  if (stale.length === 0) return folded
  return [...folded.filter((one) => !stale.includes(one)), ...(await foldAgain(tx, stale, deps))]
}

async function foldAgain(tx: Tx, stale: readonly Told[], deps: BatchDeps): Promise<Folded[]> {
  const read = await lockedCalls(tx, stale)
  const bound = await store.boundSids(
    tx,
    deps.carrierAccountId,
    newSids(stale, () => undefined),
  )
  const folded = stale.flatMap((one) => {
    const before = read.get(one.key.callId)
    return before === undefined ? [] : [fold(one, before, { bound, log: deps.log })]
  })
  const changed = folded.filter(isChanged)
  const saved = await store.saveCalls(tx, changed)
  if (saved.size !== changed.length)
    throw new Error(`${changed.length - saved.size} calls changed under their lock`)
  return folded
}

async function lockedCalls(tx: Tx, told: readonly Told[]): Promise<Map<string, Call>> {
  if (told.length === 0) return new Map()
  const calls = await store.lockCalls(
    tx,
    told.map((one) => one.key),
  )
  return new Map(calls.map((call) => [call.id, call]))
}

type Folding = { bound: Map<string, string>; log: Log }

function fold(told: Told, before: Call, { bound, log }: Folding): Folded {
  const { key, reports } = told
  const folded: Folded = { key, reports, before, after: before, entries: [], strays: [], written: [] }
  for (const { report: given } of reports) {
    const report = withoutForeignSid(given, folded.after, { bound, log })
    const result = advance(folded.after, report)
    folded.after = result.call
    folded.written.push(result.changed ? 'changed' : 'known')
    const { workspaceId, callId, at, source } = report
    const sequence = result.call.entries
    if (result.entry) {
      const { kind, state, detail } = result.entry
      folded.entries.push({ workspaceId, callId, sequence, at, kind, source, state, detail })
    }
    if (result.stray === null) continue
    folded.strays.push({ key, sid: result.stray })
    const facts = { callId: before.id, sid: result.stray, state: result.call.state }
    log.error(facts, 'the carrier runs a call that must not be there')
  }
  return folded
}

function isChanged({ before, after }: Folded): boolean {
  return before !== after
}

/** The carrier ids that the calls are not known to have already. */
function newSids(told: readonly Told[], hinted: (one: Told) => Call | undefined): string[] {
  const sids = new Set<string>()
  for (const one of told)
    for (const { report } of one.reports) {
      const sid = sidOf(report)
      if (sid !== null && hinted(one)?.carrierSid !== sid) sids.add(sid)
    }
  return [...sids]
}

/**
 * A carrier id that already belongs to another call is never bound a second time: as the answer to a dial it is no
 * clear answer, from anywhere else it is not about this call.
 */
function withoutForeignSid(report: Report, call: Call, { bound, log }: Folding): Report {
  const sid = sidOf(report)
  if (sid === null || sid === call.carrierSid) return report
  const owner = bound.get(sid)
  if (owner === undefined || owner === call.id) {
    bound.set(sid, call.id)
    return report
  }
  log.error({ callId: call.id, sid, boundTo: owner }, 'the carrier named an id that belongs to another call')
  const reason = 'sid_of_another_call'
  if (report.source === 'answer') return { ...report, news: { kind: 'unclear', reason } }
  return { ...report, news: { kind: 'foreign', reason } }
}

function sidOf({ news }: Report): string | null {
  return 'sid' in news ? news.sid : null
}
