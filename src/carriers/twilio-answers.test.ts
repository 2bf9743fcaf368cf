import { expect, test } from 'vitest'
import type { Exchange } from './one-request.ts'
import { placementOf } from './twilio-answers.ts'

const to = '+12125550100'
const sid = `CA${'a'.repeat(32)}`
const answered = (status: number, body = '', headers = {}): Exchange => ({
  written: true,
  answer: { status, headers, body },
})
const call = (changes: Record<string, unknown> = {}) =>
  JSON.stringify({ sid, to, status: 'queued', ...changes })

const table: [string, Exchange, string][] = [
  ['201 with a call', answered(201, call()), 'placed'],
  ['200 with a call', answered(200, call()), 'placed'],
  ['201 cut off', answered(201, call().slice(0, 20)), 'unknown'],
  ['201 with a page', answered(201, '<html></html>'), 'unknown'],
  ['201 with nothing', answered(201), 'unknown'],
  ['201 with null', answered(201, 'null'), 'unknown'],
  ['201 with a list', answered(201, '[]'), 'unknown'],
  ['201 with no id', answered(201, call({ sid: 'not a sid' })), 'unknown'],
  [
    '201 with an id of another form',
    answered(201, call({ sid: '6f0c2b1e-7f7a-4a53-9a2e-0d0b0c6b1d11' })),
    'placed',
  ],
  ['201 with an id that is no word', answered(201, call({ sid: 'a/../b' })), 'unknown'],
  ['201 that writes the number otherwise', answered(201, call({ to: '1 (212) 555-0100' })), 'placed'],
  ['201 about another number', answered(201, call({ to: '+12125550101' })), 'unknown'],
  ['202', answered(202, call()), 'unknown'],
  ['204', answered(204), 'unknown'],
  ['301', answered(301), 'unknown'],
  ['307', answered(307), 'unknown'],
  ['400 about the number', answered(400, '{"code":21211}'), 'refused'],
  ['403 about the number', answered(403, '{"code":21215}'), 'refused'],
  ['400 unreadable', answered(400, '<html>'), 'refused'],
  ['401', answered(401), 'unavailable'],
  ['403 about the account', answered(403, '{"code":20005}'), 'unavailable'],
  ['403 unreadable', answered(403, '<html>'), 'unavailable'],
  ['404', answered(404), 'unavailable'],
  ['408', answered(408), 'unknown'],
  ['429', answered(429), 'unavailable'],
  ['500', answered(500), 'unknown'],
  ['502', answered(502), 'unknown'],
  ['503', answered(503), 'unknown'],
  ['504', answered(504), 'unknown'],
  ['599', answered(599), 'unknown'],
  ['written, no answer', { written: true, answer: null, reason: 'timeout' }, 'unknown'],
  ['not written', { written: false, reason: 'econnrefused' }, 'unavailable'],
  ['not allowed', { written: false, reason: 'not_allowed_any_more' }, 'unavailable'],
]

test.each(table.map(([name, exchange, outcome]) => ({ name, exchange, outcome })))(
  '$name proves: $outcome',
  ({ exchange, outcome }) => {
    expect(placementOf(exchange, to).outcome).toBe(outcome)
  },
)

test('no answer that may follow an accepted call lets it be given back or refused', () => {
  for (let status = 100; status < 600; status += 1) {
    const { outcome } = placementOf(answered(status), to)
    const provesNobody = status >= 400 && status < 500 && status !== 408
    expect([status, outcome === 'unavailable' || outcome === 'refused']).toEqual([status, provesNobody])
  }
})

const after = (value: string) => placementOf(answered(429, '', { 'retry-after': value }), to)

test('Retry-After is honoured up to an hour', () => {
  expect(after('3')).toMatchObject({ trouble: { kind: 'busy', retryAfterMs: 3_000 } })
  expect(after('99999')).toMatchObject({ trouble: { kind: 'busy', retryAfterMs: 3_600_000 } })
  expect(after('soon')).toMatchObject({ trouble: { kind: 'busy', retryAfterMs: null } })
  expect(after('-1')).toMatchObject({ trouble: { kind: 'busy', retryAfterMs: null } })
  const date = 'Tue, 24 Nov 2026 10:00:00 GMT'
  const at = (value: string) => placementOf(answered(429, '', { 'retry-after': value, date }), to)
  expect(at('Tue, 24 Nov 2026 10:00:07 GMT')).toMatchObject({ trouble: { retryAfterMs: 7_000 } })
  expect(at('Tue, 24 Nov 2026 09:00:00 GMT')).toMatchObject({ trouble: { retryAfterMs: 0 } })
  expect(after('Tue, 24 Nov 2026 10:00:07 GMT')).toMatchObject({ trouble: { retryAfterMs: null } })
})
