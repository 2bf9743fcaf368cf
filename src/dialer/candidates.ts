/** Who is next: direct calls first, then the running runs in turn, each with an equal share of the slots. */
import type { Tx } from '../db/sql.ts'
import { zoneInTags } from '../campaigns/recipient-zone.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { pauseFailing } from './breaking.ts'
import { parseMessage, renderMessage, type RenderedMessage } from '../campaigns/message.ts'
import { spokenOtps } from '../otp/otp-gate.ts'
import { zoneListOfNumber } from '../numbers/number-zone.ts'
import type { SpokenPart } from '../calls/call-instructions.ts'
import type { Room } from '../calls/room.ts'
import { noVoiceOptions, storedVoiceOptions, type VoiceOptions } from '../calls/voice-options.ts'
import { directHearing, hearing, type WantedPart } from '../campaigns/hearing.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import type { ClaimDeps, DialRules } from './claim.ts'
import * as store from './claim-store.ts'
import type { Circumstances } from './eligibility.ts'
import { freeSlots } from './pacing.ts'
import { rulesOfRun, zonesOf } from './recipient-zones.ts'

export type Candidate = {
  workspaceId: number
  to: string
  from: string
  /** Where the person may be: as the list says, else the lead, else the number, else the workspace. */
  zones: readonly string[]
  /** The list does not say it. */
  asksLead: boolean
  rules: DialRules
  voice: string | null
  message: { ok: true; text: string } | { ok: false; reason: string }
  /** Of an agent's call: the number it is joined with. */
  joins: string | null
  /** Of an agreed call: where it meets the other party's. */
  room: Pick<Room, 'name' | 'seconds'> | null
  /** What is heard, before it was looked for; null: the carrier says the text. */
  wanted: readonly WantedPart[] | null
  /** What `wanted` became. */
  parts: readonly SpokenPart[] | null
  soundIsReady: boolean
  /** What is done beside that. */
  options: VoiceOptions
  /** Of everything that is heard. */
  messageSeconds: number
  /** Who this is, for people who watch; null when the list does not say. */
  name: string | null
  /** It does not wait for a slot. */
  urgent: boolean
  /** A direct call that waited; null for a campaign's number. */
  waitingCallId: string | null
  number: { id: number; campaignId: number; runId: number; status: string; attempts: number } | null
  circumstances: (now: Date) => Circumstances
}

export type Gathered = {
  candidates: Candidate[]
  exhausted: { workspaceId: number; runId: number; campaignId: number }[]
  /** Tells of the runs that paused by themselves in this claim. */
  paused: WorkspaceBatch[]
  /** Takes one call from the workspace's own budget; no when it is used up. Urgent ones may be ahead of its rate. */
  allow(candidate: Candidate): boolean
  saveWorkspaceBudgets(tx: Tx, carrierAccountId: number): Promise<void>
  /** How far each run got, given the candidates that were looked at but not taken. */
  turns(leftover: ReadonlySet<Candidate>): { workspaceId: number; runId: number; watermark: number }[]
}

const runsPerClaim = 50
/** More are looked at than there are slots, so that numbers which may not be called do not hold up the others. */
const spare = 50
/** Urgent calls that one claim may take ahead of the rate that a workspace set itself. */
const mostAhead = 10

type Ask = {
  now: Date
  wall: Date
  /** Calls that do not wait for a slot; they are first. */
  urgent: readonly store.WaitingCall[]
  slots: number
  open: ReadonlyMap<number, number>
}

export async function gather(tx: Tx, deps: ClaimDeps, ask: Ask): Promise<Gathered> {
  const { carrierAccountId } = deps
  const others = await store.waitingCalls(tx, {
    carrierAccountId,
    now: ask.now,
    urgent: false,
    limit: ask.slots,
  })
  const waiting = [...ask.urgent, ...others]
  const spokenCodes = await spokenOtps(tx, waiting, { codes: deps.otpCodes ?? null, now: ask.now })
  const direct = waiting.map((call) => directCandidate(call, deps, spokenCodes.get(call.id)))
  const ofRuns: Candidate[][] = []
  const { runs, paused } = await pauseFailing(tx, {
    runs: ask.slots === 0 ? [] : await store.runningRuns(tx, { service: 'PHONE', limit: runsPerClaim }),
    of: 'calls',
  })
  const budgets = await workspaceBudgets(tx, deps, { runs, waiting, ask })
  const exhausted: Gathered['exhausted'] = []
  const seen: { run: store.RunningRun; fresh: { row: store.NumberRow; candidate: Candidate }[] }[] = []
  const share = Math.ceil((ask.slots + spare) / Math.max(1, runs.length))
  for (const run of runs) {
    if (budgets.remaining(run.workspaceId) === 0) continue
    const due = await store.dueNumbers(tx, run, { now: ask.now, limit: share })
    const fresh = due.length < share ? await store.freshNumbers(tx, run, share - due.length) : []
    if (due.length === 0 && fresh.length === 0) {
      exhausted.push({ workspaceId: run.workspaceId, runId: run.id, campaignId: run.campaignId })
      continue
    }
    const toCandidate = numberReader(run, deps)
    const read = fresh.map((row) => ({ row, candidate: toCandidate(row) }))
    ofRuns.push([...due.map(toCandidate), ...read.map((one) => one.candidate)])
    seen.push({ run, fresh: read })
  }
  return {
    candidates: [...direct, ...inTurn(ofRuns)],
    exhausted,
    paused,
    allow: budgets.take,
    saveWorkspaceBudgets: budgets.save,
    turns: (leftover) =>
      seen.map(({ run, fresh }) => {
        const stop = fresh.findIndex((one) => leftover.has(one.candidate))
        const done = stop === -1 ? fresh : fresh.slice(0, stop)
        const watermark = done.at(-1)?.row.id ?? run.watermark
        return { workspaceId: run.workspaceId, runId: run.id, watermark }
      }),
  }
}

/** One of each list after the other, so that a large run never stands before a small one. */
export function inTurn<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat()
}

/** The rules protect whoever is called; an agent who asked to be rung is rung when the other one may be. */
function directCandidate(
  call: store.WaitingCall,
  deps: ClaimDeps,
  spokenCode: string | null | undefined,
): Candidate {
  const ofWorkspace = deps.readRules(call.settings)
  const rules = rulesOf(call, ofWorkspace)
  return {
    workspaceId: call.workspaceId,
    to: call.to,
    from: call.from,
    zones: zonesOf(zoneListOfNumber(call.joins ?? call.to), rules),
    asksLead: call.joins === null,
    rules,
    voice: call.voice,
    message: call.otpId === null ? { ok: true, text: call.message ?? '' } : codeMessage(spokenCode),
    joins: call.joins,
    room: call.room === null ? null : { name: call.room, seconds: call.roomSeconds ?? 0 },
    ...saidByCarrier(call.message ?? ''),
    ...(call.audioId === null
      ? {}
      : { wanted: directHearing(call.message, call.audioId), soundIsReady: false }),
    options: noVoiceOptions,
    name: null,
    urgent: call.urgent,
    waitingCallId: call.id,
    number: null,
    circumstances: neverAsked,
  }
}

/**
 * Whoever asked for a code waits for it, at any hour; an agent's own phone is not rung too often, and a time that both
 * parties agreed on needs no calling hours.
 */
function rulesOf(call: store.WaitingCall, rules: DialRules): DialRules {
  if (call.room !== null || call.otpId !== null) return agreedRules(rules)
  return call.joins === null ? rules : { ...rules, frequencyCap: null }
}

export function agreedRules(rules: DialRules): DialRules {
  return { ...rules, callingHours: 'always', holidays: [], frequencyCap: null }
}

function codeMessage(spokenCode: string | null | undefined): Candidate['message'] {
  return spokenCode ? { ok: true, text: spokenCode } : { ok: false, reason: 'otp_over' }
}

function numberReader(run: store.RunningRun, deps: ClaimDeps): (row: store.NumberRow) => Candidate {
  const rules = rulesOfRun(deps.readRules(run.settings), run)
  const message = parseMessage(run.message)
  const options = storedVoiceOptions(run.voiceOptions)
  return (row) => {
    const rendered = renderMessage(message, row.tags)
    const heard = hearing(run, message, row.tags)
    const ownZone = zoneInTags(row.tags)
    return {
      workspaceId: run.workspaceId,
      to: row.to ?? '',
      from: run.fromNumbers[row.id % run.fromNumbers.length] ?? '',
      zones: zonesOf(ownZone ?? row.timeZone, rules),
      asksLead: ownZone === null,
      rules,
      voice: run.voice,
      message: row.to === null ? { ok: false, reason: 'invalid_number' } : spoken(rendered),
      joins: null,
      room: null,
      ...saidByCarrier(rendered.ok ? rendered.text : ''),
      ...(heard === null ? {} : { wanted: heard, soundIsReady: false }),
      options,
      name: nameIn(row.tags),
      urgent: false,
      waitingCallId: null,
      number: {
        id: row.id,
        campaignId: run.campaignId,
        runId: run.id,
        status: row.status,
        attempts: row.attempts,
      },
      circumstances: neverAsked,
    }
  }
}

function saidByCarrier(text: string) {
  const messageSeconds = text === '' ? 0 : estimatedSpeechSeconds(text)
  return { wanted: null, parts: null, soundIsReady: true, messageSeconds }
}

const nameTags = ['tags_name', 'tags_full_name', 'tags_customer_name']

function nameIn(tags: Record<string, unknown>): string | null {
  const name = nameTags
    .map((tag) => tags[tag])
    .find((value) => typeof value === 'string' && value.trim() !== '')
  return typeof name === 'string' ? name.slice(0, 200) : null
}

function spoken(rendered: RenderedMessage): Candidate['message'] {
  return rendered.ok ? rendered : { ok: false, reason: `no_value_for_${rendered.missing.join('_and_')}` }
}

function neverAsked(): Circumstances {
  throw new Error('the circumstances of this candidate were not looked up')
}

/** The budgets of workspaces that set their own; the others have what the account has. */
async function workspaceBudgets(
  tx: Tx,
  deps: ClaimDeps,
  { runs, waiting, ask }: { runs: store.RunningRun[]; waiting: store.WaitingCall[]; ask: Ask },
) {
  const limited = new Map<number, DialRules>()
  for (const { workspaceId, settings } of [...runs, ...waiting]) {
    const rules = deps.readRules(settings)
    if (rules.callsPerSecond !== null || rules.maxConcurrentCalls !== null) limited.set(workspaceId, rules)
  }
  const next = await store.lockWorkspaceBudgets(
    tx,
    deps.carrierAccountId,
    [...limited.keys()].sort((a, b) => a - b),
  )
  const nowMs = ask.wall.getTime()
  const budgets = new Map(
    [...limited].map(([workspaceId, rules]) => {
      const limit =
        rules.maxConcurrentCalls === null
          ? ask.slots + ask.urgent.length
          : rules.maxConcurrentCalls - (ask.open.get(workspaceId) ?? 0)
      const slots = freeSlots({
        nowMs,
        nextMs: next.get(workspaceId)?.getTime() ?? nowMs,
        perSecond: rules.callsPerSecond ?? 1_000_000,
        limit: Math.max(0, limit),
      })
      return [workspaceId, { slots, room: limit, used: 0 }]
    }),
  )
  return {
    remaining: (workspaceId: number) => {
      const budget = budgets.get(workspaceId)
      return budget === undefined ? ask.slots : budget.slots.count - budget.used
    },
    take: ({ workspaceId, urgent }: Candidate) => {
      const budget = budgets.get(workspaceId)
      if (budget === undefined) return true
      const most = urgent ? Math.min(budget.room, budget.slots.count + mostAhead) : budget.slots.count
      if (budget.used >= most) return false
      budget.used += 1
      return true
    },
    save: async (saving: Tx, carrierAccountId: number) => {
      for (const [workspaceId, { slots, used }] of budgets) {
        const nextSlotAt = new Date(slots.firstMs + used * slots.intervalMs)
        await store.saveWorkspaceSlot(saving, carrierAccountId, { workspaceId, nextSlotAt })
      }
    },
  }
}
