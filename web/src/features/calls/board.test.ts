import { describe, expect, test } from 'vitest'
import { array, assert, constantFrom, nat, property, tuple } from 'fast-check'
import {
  appendPage,
  buckets,
  byTalkTime,
  cursorOf,
  findCall,
  keepPages,
  laneOf,
  matches,
  moveCalls,
  type Board,
  type Call,
} from './board.ts'

const statuses = ['initiated', 'ringing', 'in_progress', 'completed'] as const

function call(id: string, status: string, change: Partial<Call> = {}): Call {
  return {
    call_id: id,
    call_sid: null,
    to_number: '+9779843812344',
    customer_name: null,
    status,
    state: status,
    agent: { id: null, name: 'No Agent' },
    created_at: '2026-11-20T10:00:00Z',
    started_at: null,
    duration: 0,
    campaign_id: 8,
    ...change,
  }
}

function board(...calls: Call[]): Board {
  const lane = (bucket: string) => ({ calls: calls.filter((one) => laneOf(one) === bucket), next: null })
  return {
    lanes: {
      pending: lane('pending'),
      active: lane('active'),
      completed: lane('completed'),
      failed: lane('failed'),
    },
    summary: { pending: 0, active: 0, completed: 0, failed: 0 },
  }
}

const idsOf = (lane: { calls: readonly Call[] }) => lane.calls.map((one) => one.call_id)

describe('the live board', () => {
  test('a call that moves on leaves its lane and heads the next one', () => {
    const before = board(call('b', 'in_progress'), call('a', 'initiated'))
    const after = moveCalls(before, [call('a', 'ringing', { created_at: '2026-11-20T10:00:05Z' })], {})
    expect(idsOf(after.lanes.pending)).toEqual([])
    expect(idsOf(after.lanes.active)).toEqual(['a', 'b'])
  })

  test('a change that is older than what is shown changes nothing', () => {
    const before = board(call('a', 'completed'))
    const after = moveCalls(before, [call('a', 'ringing')], {})
    expect(after).toBe(before)
  })

  test('lanes without a change keep their identity, so that they are not painted again', () => {
    const before = board(call('a', 'initiated'), call('b', 'failed'))
    const after = moveCalls(before, [call('a', 'ringing')], {})
    expect(after.lanes.failed).toBe(before.lanes.failed)
    expect(after.lanes.completed).toBe(before.lanes.completed)
  })

  test('a call that was never dialed leaves the board', () => {
    const after = moveCalls(
      board(call('a', 'initiated')),
      [call('a', 'initiated', { state: 'not_placed' })],
      {},
    )
    expect(findCall(after, 'a')).toBeUndefined()
  })

  test('the agent whose name was known keeps it when the stream tells only the id', () => {
    const before = board(call('a', 'ringing', { agent: { id: 'g', name: 'Sales Agent' } }))
    const after = moveCalls(before, [call('a', 'in_progress', { agent: { id: 'g', name: '' } })], {})
    expect(findCall(after, 'a')?.agent.name).toBe('Sales Agent')
  })

  test('each call is in exactly one lane, in its furthest state, in whatever order changes are told', () => {
    const told = array(tuple(constantFrom('a', 'b', 'c', 'd'), nat({ max: 3 })), {
      maxLength: 30,
    })
    assert(
      property(told, nat({ max: 5 }), (changes, split) => {
        const calls = changes.map(([id, step]) => call(id, statuses[step] ?? 'initiated'))
        const first = moveCalls(board(), calls.slice(0, split), {})
        const after = moveCalls(first, calls.slice(split), {})
        for (const id of new Set(changes.map(([one]) => one))) {
          const furthest = Math.max(...changes.filter(([one]) => one === id).map(([, step]) => step))
          const places = buckets.filter((bucket) => idsOf(after.lanes[bucket]).includes(id))
          expect(places).toHaveLength(1)
          expect(findCall(after, id)?.status).toBe(statuses[furthest])
        }
      }),
    )
  })
})

describe('a filtered board', () => {
  test('takes only what matches campaign, digits in any spelling, or a part of the name', () => {
    const sita = call('a', 'ringing', { customer_name: 'Sita Rai' })
    expect(matches(sita, {})).toBe(true)
    expect(matches(sita, { campaign: 8 })).toBe(true)
    expect(matches(sita, { campaign: 9 })).toBe(false)
    expect(matches(sita, { q: '984 381' })).toBe(true)
    expect(matches(sita, { q: 'sita' })).toBe(true)
    expect(matches(sita, { q: 'ram' })).toBe(false)
    expect(moveCalls(board(), [sita], { campaign: 9 })).toEqual(board())
  })
})

function at(second: number): Partial<Call> {
  return { created_at: `2026-11-20T10:00:0${second}Z` }
}

describe('pages of a lane', () => {
  test('a further page shows no call twice', () => {
    const after = appendPage(board(call('a', 'completed')), 'completed', {
      calls: [call('a', 'completed'), call('z', 'completed')],
      next: 'more',
    })
    expect(idsOf(after.lanes.completed)).toEqual(['a', 'z'])
    expect(after.lanes.completed.next).toBe('more')
  })

  test('reading the board again keeps the older pages of calls that ended', () => {
    const old = board(call('b', 'completed', at(2)), call('a', 'completed', at(1)))
    const fresh = board(call('c', 'completed', at(3)), call('b', 'completed', at(2)))
    fresh.lanes.completed.next = 'after b'
    old.lanes.completed.next = 'after a'
    const after = keepPages(old, fresh)
    expect(idsOf(after.lanes.completed)).toEqual(['c', 'b', 'a'])
    expect(after.lanes.completed.next).toBe('after a')
  })

  test('the cursor is found in a link, and taken as it is without one', () => {
    expect(cursorOf('http://x/api?status=failed&cursor=abc%3D')).toBe('abc=')
    expect(cursorOf('abc')).toBe('abc')
    expect(cursorOf(null)).toBeNull()
  })
})

test('those who have talked longest come first, and ringing phones after them', () => {
  const long = call('a', 'in_progress', { started_at: '2026-11-20T09:00:00Z' })
  const short = call('b', 'in_progress', { started_at: '2026-11-20T09:59:00Z' })
  const ringing = call('c', 'ringing', { created_at: '2026-11-20T08:00:00Z' })
  expect([ringing, short, long].sort(byTalkTime).map((one) => one.call_id)).toEqual(['a', 'b', 'c'])
})
