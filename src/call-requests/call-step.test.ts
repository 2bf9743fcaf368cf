import { expect, test } from 'vitest'
import type { CallState } from '../calls/call.ts'
import type { CallRequest } from './call-request.ts'
import { graceMs, nextStep, type Leg } from './call-step.ts'

const agreedTime = new Date('2027-03-14T12:00:00Z')
const after = (minutes: number) => new Date(agreedTime.getTime() + minutes * 60_000)
const request: CallRequest = {
  workspaceId: 1,
  id: 1,
  userId: 'u',
  heroId: 1,
  heroUserId: 'h',
  message: '',
  estimatedLength: 15,
  status: 'a',
  reason: '',
  cancelReason: null,
  cancelledBy: null,
  rounds: 1,
  agreedTime,
  agreedRound: 1,
  agreements: 1,
  outcome: null,
  outcomeReason: null,
  callId: null,
  joinedAt: null,
  createdAt: agreedTime,
  updatedAt: agreedTime,
  proposals: [],
}
const leg = (
  callId: string,
  state: CallState,
  { answered = null, ended = null }: { answered?: number | null; ended?: number | null } = {},
): Leg => ({
  callId,
  sid: `sid of ${callId}`,
  state,
  startedAt: answered === null ? null : after(answered),
  endedAt: ended === null ? null : after(ended),
})
const over = (callId: string) => leg(callId, 'completed', { answered: 0, ended: 1 })
const talking = (callId: string, answered = 0) => leg(callId, 'in_progress', { answered })
const step = (
  hero: Leg | null,
  user: Leg | null,
  { minutes = 0, together = false, changes = {} }: Known = {},
) => nextStep({ ...request, ...changes }, { hero, user, together }, after(minutes))
type Known = { minutes?: number; together?: boolean; changes?: Partial<CallRequest> }

test('nothing happens before the agreed time, and the hero is rung at it, also late, but not after the call would be over', () => {
  expect(step(null, null, { minutes: -1 })).toEqual({ kind: 'wait', until: agreedTime })
  expect(step(null, null)).toEqual({ kind: 'ring', side: 'hero' })
  expect(step(null, null, { minutes: 14 })).toEqual({ kind: 'ring', side: 'hero' })
  expect(step(null, null, { minutes: 15 })).toMatchObject({ outcome: 'failed', absent: null })
})

test('the user is rung once the hero has answered', () => {
  expect(step(leg('h', 'queued'), null)).toMatchObject({ kind: 'wait' })
  expect(step(leg('h', 'ringing'), null)).toMatchObject({ kind: 'wait' })
  expect(step(talking('h'), null)).toEqual({ kind: 'ring', side: 'user' })
  expect(step(talking('h'), leg('u', 'ringing'))).toMatchObject({ kind: 'wait' })
})

test('whoever does not answer has missed the call; a number that does not work is a failure', () => {
  expect(step(leg('h', 'no_answer'), null)).toMatchObject({ outcome: 'hero_missed', absent: 'hero' })
  expect(step(leg('h', 'failed'), null)).toMatchObject({ outcome: 'failed', absent: 'hero' })
  expect(step(talking('h'), leg('u', 'busy'))).toMatchObject({ outcome: 'user_missed', absent: 'user' })
  expect(step(talking('h'), leg('u', 'failed'))).toMatchObject({ outcome: 'failed', absent: 'user' })
})

test('a hero who hangs up before the user is there has left', () => {
  const gone = leg('h', 'completed', { answered: 0, ended: 0 })
  expect(step(gone, null)).toMatchObject({ outcome: 'failed', reason: 'hero_left', absent: 'hero' })
  expect(step(gone, leg('u', 'ringing'))).toMatchObject({ reason: 'hero_left', absent: 'hero' })
  expect(step(gone, talking('u'), { minutes: 1 })).toMatchObject({ reason: 'hero_left', absent: 'hero' })
})

test('joined is what the carrier told or showed, and two answered phones alone are not', () => {
  const until = after(1 + 15 + graceMs / 60_000)
  expect(step(talking('h'), talking('u'), { minutes: 1, together: true })).toEqual({ kind: 'joined', until })
  expect(step(over('h'), over('u'), { minutes: 1, together: true })).toMatchObject({ kind: 'joined' })
  expect(step(talking('h'), talking('u'), { minutes: 0.1 })).toMatchObject({ kind: 'wait' })
  // The carrier's word may come a little after the end.
  expect(step(over('h'), over('u'), { minutes: 1.1 })).toMatchObject({ kind: 'wait' })
  expect(step(over('h'), over('u'), { minutes: 2 })).toMatchObject({ outcome: 'failed', absent: null })
})

test('when nothing is told of two who should be there, the carrier is asked, again and again', () => {
  const asked = step(talking('h'), talking('u', 0.5), { minutes: 1 })
  expect(asked).toEqual({
    kind: 'look',
    until: new Date(after(1).getTime() + 5_000),
    sids: ['sid of h', 'sid of u'],
  })
  expect(step(talking('h'), talking('u'), { minutes: 18 })).toMatchObject({ reason: 'no_word_of_the_call' })
})

test('a joined call is ended after its length and the grace, and one that ended by itself is left alone', () => {
  const changes = { status: 's' as const, joinedAt: agreedTime }
  expect(step(talking('h'), talking('u'), { minutes: 16, changes })).toMatchObject({ kind: 'wait' })
  expect(step(talking('h'), talking('u'), { minutes: 17, changes })).toEqual({
    kind: 'rest',
    hangUp: ['h', 'u'],
  })
  expect(step(over('h'), over('u'), { minutes: 3, changes })).toEqual({ kind: 'rest', hangUp: [] })
})

test('a request that is cancelled while its phones ring ends their calls', () => {
  const changes = { status: 'c' as const }
  expect(step(leg('h', 'ringing'), null, { changes })).toEqual({ kind: 'rest', hangUp: ['h'] })
})
