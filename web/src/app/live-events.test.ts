import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import type { Board } from '../features/calls/board.ts'
import { boardKey } from '../features/calls/read-board.ts'
import type { Campaign } from '../features/campaigns/campaign.ts'
import { campaignKey } from '../features/campaigns/read-campaign.ts'
import { importKey } from '../features/campaigns/read-import.ts'
import { applyLiveMessages } from './live-events.ts'
import { readLiveMessage, type LiveMessage } from './live-message.ts'

const call = {
  call_id: 'a',
  to_number: '+12025550100',
  status: 'ringing',
  created_at: '2026-11-20T10:00:00Z',
}

function emptyBoard(): Board {
  const lane = { calls: [], next: null }
  return {
    lanes: { pending: lane, active: lane, completed: lane, failed: lane },
    summary: { pending: 0, active: 0, completed: 7, failed: 0 },
  }
}

function read(kind: string, data: unknown): LiveMessage {
  const message = readLiveMessage(kind, JSON.stringify(data))
  if (message === null) throw new Error(`${kind} was not understood`)
  return message
}

function clientWith(entries: [readonly unknown[], unknown][]): QueryClient {
  const client = new QueryClient()
  for (const [key, data] of entries) client.setQueryData(key, data)
  return client
}

test('a changed call appears on every board whose filter it matches, and on no other', () => {
  const client = clientWith([
    [boardKey({}), emptyBoard()],
    [boardKey({ campaign: 8 }), emptyBoard()],
    [boardKey({ campaign: 9 }), emptyBoard()],
  ])
  applyLiveMessages(client, [read('calls.changed', { calls: [{ ...call, campaign_id: 8 }], campaigns: [8] })])
  const active = (filter: object) => client.getQueryData<Board>(boardKey(filter))?.lanes.active.calls.length
  expect([active({}), active({ campaign: 8 }), active({ campaign: 9 })]).toEqual([1, 1, 0])
})

test('totals of the workspace change the counts of the whole board and leave filtered boards alone', () => {
  const client = clientWith([
    [boardKey({}), emptyBoard()],
    [boardKey({ q: 'sita' }), emptyBoard()],
  ])
  applyLiveMessages(client, [read('totals.changed', { calls: { pending: 3, active: 2 }, campaigns: [] })])
  expect(client.getQueryData<Board>(boardKey({}))?.summary).toEqual({
    pending: 3,
    active: 2,
    completed: 7,
    failed: 0,
  })
  expect(client.getQueryData<Board>(boardKey({ q: 'sita' }))?.summary.pending).toBe(0)
})

test('a campaign takes its counts and its state from the stream', () => {
  const campaign: Campaign = {
    id: 8,
    name: 'IPO',
    service: 'PHONE',
    description: '',
    usableTags: [],
    status: 'Running',
    numberCount: 10,
    counts: { queued: 10 },
    message: null,
    voice: null,
    soundId: null,
    priority: null,
    from: [],
    options: { machine: 'ignore', keys: null, record: false },
    hours: null,
    retry: null,
    breaker: null,
    pauseReason: null,
    scheduledFor: null,
    import: null,
  }
  const client = clientWith([[campaignKey(8), campaign]])
  const numbers = { completed: 4, not_started: 6 }
  applyLiveMessages(client, [
    read('totals.changed', { calls: {}, campaigns: [{ campaign_id: 8, numbers }] }),
    read('campaign.changed', { campaign_id: 8, status: 'paused' }),
  ])
  const after = client.getQueryData<Campaign>(campaignKey(8))
  expect(after?.counts).toEqual(numbers)
  expect(after?.status).toBe('Paused')
})

test('an import tells how far it is', () => {
  const client = new QueryClient()
  applyLiveMessages(client, [
    read('import.progress', { job_id: 4, campaign_id: 8, done: 5_000, total: 48_210, status: 'running' }),
  ])
  expect(client.getQueryData(importKey(4))).toEqual({
    jobId: 4,
    status: 'running',
    done: 5_000,
    total: 48_210,
  })
})

test('a reset makes everything that is shown be read again', () => {
  const client = clientWith([[boardKey({}), emptyBoard()]])
  applyLiveMessages(client, [{ kind: 'reset' }])
  expect(client.getQueryState(boardKey({}))?.isInvalidated).toBe(true)
})

test('events that say nothing to this console are passed over', () => {
  expect(readLiveMessage('something.new', '{}')).toBeNull()
  expect(readLiveMessage('calls.changed', 'not json')).toBeNull()
  expect(readLiveMessage('calls.changed', '{"calls":[{"call_id":1},null]}')).toEqual({
    kind: 'calls.changed',
    calls: [],
    more: false,
    campaignIds: [],
  })
})
