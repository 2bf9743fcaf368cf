import { expect, test } from 'vitest'
import { countOf, emptyQueue, neighbour, waiting, withDue, withStep } from './queue.ts'
import type { CallPlan } from './read-today.ts'

const plan = (id: number, notes = ''): CallPlan => ({
  id,
  lead: id,
  frequency: 'DAILY',
  last_called: null,
  next_call_date: '2026-11-24T10:00:00Z',
  notes,
})
const three = withDue(emptyQueue, [plan(1), plan(2), plan(3)])
const idsOf = (plans: readonly CallPlan[]) => plans.map(({ id }) => id)

test('what is done stays in its place, what is new comes last, what somebody else did is gone', () => {
  const queue = withDue(withStep(three, 2, 'called'), [plan(4), plan(3, 'new words')])
  expect(idsOf(queue.plans)).toEqual([2, 3, 4])
  expect(queue.plans[1]?.notes).toBe('new words')
  expect(idsOf(waiting(queue))).toEqual([3, 4])
  expect(countOf(queue, 'called')).toBe(1)
})

test('the one that is worked on stays until it is settled', () => {
  expect(idsOf(withDue(three, [plan(3)], 1).plans)).toEqual([1, 3])
})

test('the next one is the next that waits, and after the last comes the first', () => {
  expect(neighbour(three, 1, 1)?.id).toBe(2)
  expect(neighbour(withStep(three, 2, 'skipped'), 1, 1)?.id).toBe(3)
  expect(neighbour(three, 3, 1)?.id).toBe(1)
  expect(neighbour(three, 1, -1)?.id).toBe(3)
  expect(neighbour(three, undefined, 1)?.id).toBe(1)
  expect(
    neighbour(withStep(withStep(withStep(three, 1, 'called'), 2, 'called'), 3, 'skipped'), 3, 1),
  ).toBeNull()
})
