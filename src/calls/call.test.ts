import { expect, test } from 'vitest'
import { callStates, isFinal, isOpen, mayMove, statesBefore, type CallState } from './call.ts'

/** How far along a call is; a final state is the furthest. */
const rank = (state: CallState): number =>
  isFinal(state)
    ? state === 'held'
      ? 6
      : 7
    : ['queued', 'placing', 'unknown', 'initiated', 'ringing', 'in_progress'].indexOf(state)

const statesAfter = (from: CallState): CallState[] => callStates.filter((to) => mayMove(from, to))

test('a call only moves forward', () => {
  const moves = callStates.flatMap((from) => statesAfter(from).map((to) => [from, to] as const))
  expect(moves.filter(([from, to]) => rank(to) <= rank(from))).toEqual([])
})

test('nothing moves a call out of a final state, except the carrier’s word on a held one', () => {
  expect(statesAfter('held')).toEqual(['completed', 'busy', 'no_answer', 'failed', 'canceled'])
  const others = callStates.filter((state) => isFinal(state) && state !== 'held')
  expect(others.flatMap(statesAfter)).toEqual([])
})

test('an attempt is given back only before the carrier is known to have it', () => {
  expect(statesBefore('not_placed')).toEqual(['placing', 'unknown'])
  expect(statesBefore('held')).toEqual(['unknown'])
})

test('every state is waiting, open or final', () => {
  const kinds = callStates.map((state) => [state === 'queued', isOpen(state), isFinal(state)].filter(Boolean))
  expect(kinds.every((kind) => kind.length === 1)).toBe(true)
})
