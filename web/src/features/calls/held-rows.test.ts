import { expect, test } from 'vitest'
import type { Board, Call } from './board.ts'
import { holdRows } from './held-rows.ts'

const call = (id: string, status: string): Call => ({
  call_id: id,
  call_sid: null,
  to_number: '+12025550100',
  customer_name: null,
  status,
  agent: { id: null, name: 'No Agent' },
  created_at: '2026-11-20T10:00:00Z',
  started_at: null,
  duration: 0,
})

function board(active: Call[], completed: Call[]): Board {
  const none = { calls: [], next: null }
  return {
    lanes: {
      pending: none,
      active: { calls: active, next: null },
      completed: { calls: completed, next: null },
      failed: none,
    },
    summary: { pending: 0, active: 0, completed: 0, failed: 0 },
  }
}

test('a held lane keeps its rows in place, marks those that left, and only counts those that came', () => {
  const active = [call('new', 'ringing'), call('b', 'in_progress')]
  const { rows, waiting } = holdRows(['a', 'b', 'gone'], active, board(active, [call('a', 'completed')]))
  expect(rows.map((row) => [row.call.call_id, row.call.status, row.left])).toEqual([
    ['a', 'completed', true],
    ['b', 'in_progress', false],
  ])
  expect(waiting).toBe(1)
})
