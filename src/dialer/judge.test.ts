import { expect, test } from 'vitest'
import type { CallState } from '../calls/call.ts'
import {
  judgeCall,
  callAttempt,
  judgeAttempts,
  judgeStray,
  judgeTogether,
  type CallRecord,
  type EntryRecord,
  type NumberRecord,
  type RunRecord,
} from './judge.ts'
import { judgeTotals } from './judge-sums.ts'

const judgeNumber = (one: NumberRecord, calls: readonly CallRecord[], all: ReadonlyMap<number, RunRecord>) =>
  judgeAttempts(one, calls.map(callAttempt), all)

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 8, 0, seconds))
const sid = `CA${'a'.repeat(32)}`

function run(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 1,
    campaignId: 1,
    ordinal: 1,
    state: 'completed',
    statuses: ['not_started'],
    individual: null,
    maxAttempts: 1,
    startedAt: at(0),
    endedAt: at(60),
    swept: false,
    ...changes,
  }
}

function number(changes: Partial<NumberRecord> = {}): NumberRecord {
  return {
    id: 7,
    campaignId: 1,
    callable: true,
    status: 'completed',
    runId: 1,
    attempts: 1,
    dueAt: null,
    duration: 9,
    createdAt: at(-60),
    ...changes,
  }
}

function call(changes: Partial<CallRecord> = {}): CallRecord {
  return {
    workspaceId: 1,
    id: '01980000-0000-7000-8000-000000000001',
    campaignId: 1,
    runId: 1,
    numberId: 7,
    attempt: 1,
    agentId: null,
    toNumber: '+12125550100',
    fromNumber: '+18005550100',
    customerName: null,
    messageSeconds: 4,
    state: 'completed',
    reason: null,
    carrierSid: sid,
    sidConfirmed: true,
    createdAt: at(1),
    startedAt: at(3),
    endedAt: at(12),
    duration: 9,
    heard: true,
    playback: 4,
    hangUp: false,
    answeredBy: null,
    pressed: null,
    recording: null,
    entries: 4,
    silentMs: 0,
    forbiddenSince: null,
    ...changes,
  } as CallRecord
}

const runs = (one: RunRecord = run()) => new Map([[one.id, one]])
const entries = (...states: CallState[]): EntryRecord[] =>
  states.map((state, index) => ({ sequence: index + 1, state, stray: false }))
const sound = entries('placing', 'ringing', 'in_progress', 'completed')
const rules = (findings: readonly { rule: string }[]) => findings.map((finding) => finding.rule)

test('sound records find nothing', () => {
  expect(judgeNumber(number(), [call()], runs())).toEqual([])
  expect(judgeCall(call(), sound, run())).toEqual([])
  expect(judgeTogether([call(), call({ id: 'b', carrierSid: 'CAb' })])).toEqual([])
  const counts = [{ campaignId: 1, subject: 'call' as const, state: 'completed', count: 1 }]
  expect(
    judgeTotals(1, [...counts, { campaignId: 1, subject: 'call', state: 'busy', count: 0 }], counts),
  ).toEqual([])
})

test('a number that a finished run left waiting is lost', () => {
  const waiting = number({ status: 'queued', dueAt: at(1), attempts: 0 })
  expect(rules(judgeNumber(waiting, [], runs()))).toEqual(['lost'])
  expect(rules(judgeNumber(waiting, [], runs(run({ state: 'stopped', swept: true }))))).toEqual(['lost'])
  expect(judgeNumber(waiting, [], runs(run({ state: 'running', endedAt: null })))).toEqual([])
  expect(judgeNumber(waiting, [], runs(run({ state: 'stopped', swept: false })))).toEqual([])
})

test('a number that is called by nobody is lost', () => {
  const called = number({ status: 'calling', attempts: 0 })
  expect(rules(judgeNumber(called, [], runs(run({ state: 'running' }))))).toContain('lost')
  const open = call({ state: 'ringing', endedAt: null })
  expect(judgeNumber(called, [open], runs(run({ state: 'running' })))).toEqual([])
})

test('a number that waits for no time, or in no run, is lost', () => {
  const running = runs(run({ state: 'running' }))
  expect(rules(judgeNumber(number({ status: 'queued', attempts: 0 }), [], running))).toEqual(['lost'])
  const homeless = number({ status: 'queued', attempts: 0, runId: null, dueAt: at(1) })
  expect(rules(judgeNumber(homeless, [], running))).toEqual(['lost'])
})

test('a number that a completed run never looked at is lost, one that was added later is not', () => {
  const fresh = number({ status: 'not_started', runId: null, attempts: 0 })
  expect(rules(judgeNumber(fresh, [], runs()))).toEqual(['lost'])
  expect(judgeNumber({ ...fresh, createdAt: at(61) }, [], runs())).toEqual([])
  expect(judgeNumber({ ...fresh, callable: false }, [], runs())).toEqual([])
  expect(judgeNumber(fresh, [], runs(run({ individual: [8] })))).toEqual([])
  expect(judgeNumber(fresh, [], runs(run({ statuses: ['failed'] })))).toEqual([])
})

test('two calls of one attempt, and two open calls, are twice', () => {
  expect(rules(judgeNumber(number({ attempts: 2 }), [call(), call({ id: 'b' })], runs()))).toEqual(['twice'])
  const open = [call({ state: 'ringing' }), call({ id: 'b', attempt: 2, state: 'unknown' })]
  expect(rules(judgeNumber(number({ status: 'calling', attempts: 0 }), open, runs()))).toEqual(['twice'])
  const again = [call({ state: 'not_placed' }), call({ id: 'b' })]
  expect(judgeNumber(number(), again, runs())).toEqual([])
})

test('a number says what its last call says', () => {
  for (const wrong of ['hungup', 'failed', 'not_started', 'terminated', 'queued'])
    expect(rules(judgeNumber(number({ status: wrong, dueAt: at(1) }), [call()], runs()))).toContain(
      'number_status',
    )
  expect(rules(judgeNumber(number({ attempts: 0 }), [call()], runs()))).toEqual(['number_status'])
  expect(rules(judgeNumber(number({ duration: 3 }), [call()], runs()))).toEqual(['number_status'])
  expect(rules(judgeNumber(number({ attempts: 0 }), [], runs()))).toEqual(['number_status'])
})

const wrong = (judged: CallRecord, history: EntryRecord[]) => rules(judgeCall(judged, history, run()))

test('a history without a gap, of legal moves, that ends where the call is', () => {
  expect(wrong(call(), sound.slice(0, 3))).toEqual(['history'])
  expect(wrong(call({ entries: 3 }), sound.slice(0, 3))).toEqual(['history'])
  expect(
    wrong(
      call({ entries: 3 }),
      sound.filter((_, index) => index !== 1),
    ),
  ).toEqual(['history'])
  expect(wrong(call(), entries('placing', 'completed', 'ringing', 'completed'))).toEqual(['history'])
  expect(wrong(call(), entries('ringing', 'ringing', 'ringing', 'completed'))).toEqual(['history'])
  expect(wrong(call({ entries: 0 }), [])).toEqual(['history'])
})

test('an open call that nobody can be waiting for any more is left open', () => {
  const open = call({ state: 'placing', entries: 1, endedAt: null })
  expect(rules(judgeCall({ ...open, silentMs: 301_000 }, entries('placing'), run()))).toEqual(['left_open'])
  expect(judgeCall({ ...open, silentMs: 10_000 }, entries('placing'), run())).toEqual([])
})

test('what was dialed after a stop is found, with a second of tolerance', () => {
  const stopped = run({ state: 'stopped', endedAt: at(0) })
  expect(rules(judgeCall(call({ createdAt: at(2) }), sound, stopped))).toEqual(['after_stop'])
  expect(judgeCall(call({ createdAt: at(1) }), sound, stopped)).toEqual([])
})

test('what was dialed from the do-not-call list is found', () => {
  expect(rules(judgeCall(call({ createdAt: at(10), forbiddenSince: at(5) }), sound, run()))).toEqual([
    'not_allowed',
  ])
  expect(judgeCall(call({ createdAt: at(10), forbiddenSince: at(12) }), sound, run())).toEqual([])
})

test('two open calls between two numbers, and one carrier id of two calls, are found', () => {
  const open = call({ state: 'ringing' })
  const other = { ...open, id: 'b', carrierSid: 'CAb' }
  expect(rules(judgeTogether([open, other]))).toEqual(['twice'])
  expect(rules(judgeTogether([call(), call({ id: 'b' })]))).toEqual(['twice'])
  expect(judgeTogether([open, { ...other, toNumber: '+12125550101' }])).toEqual([])
})

test('a count that differs from what it counts is found, and so is one that is missing', () => {
  const one = { campaignId: 1, subject: 'call' as const, state: 'completed', count: 1 }
  expect(rules(judgeTotals(1, [{ ...one, count: 2 }], [one]))).toEqual(['sums'])
  expect(rules(judgeTotals(1, [], [one]))).toEqual(['sums'])
  expect(rules(judgeTotals(1, [one], []))).toEqual(['sums'])
})

test('every stray is named, ended or not', () => {
  expect(judgeStray({ callId: 'a', sid, endedAt: null })).toMatchObject({ rule: 'stray', subject: 'call a' })
  const strange = sound.map((entry, index) => ({ ...entry, stray: index === 3 }))
  expect(rules(judgeCall(call(), strange, run()))).toEqual(['stray'])
})

test('a run that calls again may do so up to its cap and no further', () => {
  const calls = [1, 2, 3].map((attempt) => call({ id: String(attempt), attempt, state: 'busy', duration: 0 }))
  const called = number({ attempts: 3, status: 'unanswered', duration: 0 })
  expect(rules(judgeNumber(called, calls, new Map([[1, run({ maxAttempts: 3 })]])))).toEqual([])
  expect(rules(judgeNumber(called, calls, new Map([[1, run({ maxAttempts: 2 })]])))).toEqual(['twice'])
  const waits = number({ attempts: 1, status: 'queued', duration: 0, dueAt: at(90) })
  const going = run({ state: 'running', endedAt: null, maxAttempts: 3 })
  expect(rules(judgeNumber(waits, calls.slice(0, 1), new Map([[1, going]])))).toEqual([])
  const once = run({ state: 'running', endedAt: null })
  expect(rules(judgeNumber(waits, calls.slice(0, 1), new Map([[1, once]])))).toEqual(['number_status'])
})
