import { expect, test } from 'vitest'
import type { Principal } from '../http/principal.ts'
import { eventText, maySee, resumeAt } from './event-feed.ts'

const now = new Date('2026-11-20T10:00:00Z')
const event = (position: number, at = now) => ({
  position,
  at,
  kind: 'call',
  visibleTo: null,
  data: { a: 1 },
})

test('an id whose next event is kept is continued', () => {
  expect(resumeAt(7, { head: 9, first: event(8) }, now)).toEqual({ resumable: true, position: 7 })
  expect(resumeAt(9, { head: 9, first: undefined }, now)).toEqual({ resumable: true, position: 9 })
})

test('an id before a gap, of another database, or older than 24 hours is told to read everything again', () => {
  const old = new Date(now.getTime() - 25 * 60 * 60 * 1000)
  for (const [lastId, first] of [
    [3, event(8)],
    [12, undefined],
    [8, undefined],
    [7, event(8, old)],
  ] as const) {
    expect(resumeAt(lastId, { head: 9, first }, now)).toEqual({ resumable: false, position: 9 })
  }
})

test('people below manager see only what names them', () => {
  const me = '018f4e9a-0000-7000-8000-000000000001'
  const principal = (role: Principal['role']): Principal => ({
    userId: me,
    workspaceId: 1,
    role,
    agentId: null,
    keyId: null,
    sessionId: null,
    scopes: null,
    isOwner: false,
  })
  const mine = { ...event(1), visibleTo: me }
  const other = { ...event(1), visibleTo: '018f4e9a-0000-7000-8000-000000000002' }
  for (const role of ['agent', 'hero', 'caller'] as const) {
    expect([mine, other, event(1)].map((one) => maySee(principal(role), one))).toEqual([true, false, false])
  }
  for (const role of ['admin', 'manager'] as const) {
    expect([mine, other, event(1)].map((one) => maySee(principal(role), one))).toEqual([true, true, true])
  }
})

test('an event is one block of a stream, whatever its data holds', () => {
  const text = eventText({ ...event(5), data: { note: 'two\nlines\n\ndata: forged' } })
  expect(text.split('\n\n')).toHaveLength(2)
  expect(text.startsWith('id: 5\nevent: call\ndata: {"at":"2026-11-20T10:00:00.000Z","note":')).toBe(true)
})
