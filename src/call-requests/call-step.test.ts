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
const leg = (callId: string, state: CallState, answered = false): Leg => ({
  callId,
  state,
  startedAt: answered ? agreedTime : null,
})
const step = (hero: Leg | null, user: Leg | null, minutes = 0, changes: Partial<CallRequest> = {}) =>
  nextStep({ ...request, ...changes }, { hero, user }, after(minutes))

test('nothing happens before the agreed time, and the hero is rung at it, also late, but not after the call would be over', () => {
  expect(step(null, null, -1)).toEqual({ kind: 'wait', until: agreedTime })
  expect(step(null, null)).toEqual({ kind: 'ring' })
  expect(step(null, null, 14)).toEqual({ kind: 'ring' })
  expect(step(null, null, 15)).toMatchObject({ kind: 'close', outcome: 'failed' })
})

test('whoever does not answer has missed the call; a number that does not work is a failure', () => {
  expect(step(leg('h', 'ringing'), null)).toMatchObject({ kind: 'wait' })
  expect(step(leg('h', 'no_answer'), null)).toMatchObject({ kind: 'close', outcome: 'hero_missed' })
  expect(step(leg('h', 'failed'), null)).toMatchObject({ kind: 'close', outcome: 'failed' })
  expect(step(leg('h', 'in_progress', true), leg('u', 'busy'))).toMatchObject({ outcome: 'user_missed' })
  expect(step(leg('h', 'completed', true), null)).toMatchObject({ outcome: 'failed', reason: 'hero_left' })
})

test('both answered means joined, also when it is learned only after both have hung up', () => {
  const until = after(1 + 15 + graceMs / 60_000)
  expect(step(leg('h', 'in_progress', true), leg('u', 'in_progress', true), 1)).toEqual({
    kind: 'joined',
    until,
  })
  expect(step(leg('h', 'completed', true), leg('u', 'completed', true), 1)).toMatchObject({ kind: 'joined' })
})

test('a joined call is ended after its length and the grace, and one that ended by itself is left alone', () => {
  const held = { status: 's' as const, joinedAt: agreedTime }
  const [hero, user] = [leg('h', 'in_progress', true), leg('u', 'in_progress', true)]
  expect(step(hero, user, 16, held)).toMatchObject({ kind: 'wait' })
  expect(step(hero, user, 17, held)).toEqual({ kind: 'rest', hangUp: ['h', 'u'] })
  expect(step(leg('h', 'completed', true), leg('u', 'completed', true), 3, held)).toEqual({
    kind: 'rest',
    hangUp: [],
  })
})

test('a request that is cancelled while its phones ring ends their calls', () => {
  expect(step(leg('h', 'ringing'), null, 0, { status: 'c' })).toEqual({ kind: 'rest', hangUp: ['h'] })
})
