import { expect, test } from 'vitest'
import { callStates, isFinal, isOpen, mayMove, statesBefore, type CallState } from './call.ts'

/** How far along a call is; a final state is the furthest. */
const rank = (state: CallState): number =>
  isFinal(state)
    ? state === 'held'
      ? 6
      : 7
    : ['queued', 'placing', 'unknown', 'initiated', 'ringing', 'in_progress'].indexOf(state)

test('a call only moves forward', () => {
  for (const from of callStates)
    for (const to of callStates)
      if (mayMove(from, to)) expect(rank(to), `${from} to ${to}`).toBeGreaterThan(rank(from))
})

test('nothing moves a call out of a final state, except the carrier’s word on a held one', () => {
  for (const from of callStates.filter(isFinal)) {
    const next = callStates.filter((to) => mayMove(from, to))
    expect(next, from).toEqual(
      from === 'held' ? ['completed', 'busy', 'no_answer', 'failed', 'canceled'] : [],
    )
  }
})

test('an attempt is given back only before the carrier is known to have it', () => {
  expect(statesBefore('not_placed')).toEqual(['placing', 'unknown'])
  expect(statesBefore('held')).toEqual(['unknown'])
})

test('every state is waiting, open or final', () => {
  for (const state of callStates)
    expect([state === 'queued', isOpen(state), isFinal(state)].filter(Boolean), state).toHaveLength(1)
})
