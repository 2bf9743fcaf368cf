import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { callStates, isFinal, mayMove, type Call, type CallState } from './call.ts'
import { advance, maxEntries, type CarrierState, type News, type Source } from './report.ts'

const at = new Date('2026-11-20T08:00:00Z')
const sid = (digit: string) => `CA${digit.repeat(32)}`

function call(changes: Partial<Call> = {}): Call {
  return {
    workspaceId: 1,
    id: '01980000-0000-7000-8000-000000000001',
    campaignId: 1,
    runId: 1,
    numberId: 1,
    attempt: 1,
    agentId: null,
    toNumber: '+12125550100',
    fromNumber: '+18005550100',
    customerName: null,
    messageSeconds: 4,
    state: 'placing',
    reason: null,
    carrierSid: null,
    sidConfirmed: false,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    duration: 0,
    heard: false,
    playback: 0,
    hangUp: false,
    answeredBy: null,
    pressed: null,
    recording: null,
    entries: 1,
    ...changes,
  }
}

function learn(before: Call, news: News, source: Source = 'webhook') {
  return advance(before, { workspaceId: 1, callId: before.id, source, at, news })
}
const says = (state: CarrierState, id = sid('a')): News => ({ kind: 'progress', sid: id, state })

const named = (before: Call, news: News) => learn(before, news).stray
const endings = ['completed', 'busy', 'no_answer', 'failed', 'canceled'] as const

test('in whatever order four webhooks arrive, and however often, the call ends the same', () => {
  for (const ending of endings) {
    const orders = permutations(['initiated', 'ringing', 'in_progress', ending] as CarrierState[])
    for (const order of orders) {
      let after = call()
      for (const state of [...order, ...order])
        after = learn(after, { ...endingNews(state), sid: sid('a') }).call
      const wanted = ending === 'completed' ? { state: ending, duration: 9 } : { state: ending }
      expect({ order, ...after }).toMatchObject({ ...wanted, carrierSid: sid('a'), endedAt: at })
    }
  }
})

function endingNews(state: CarrierState): News & { kind: 'progress' } {
  return state === 'completed'
    ? { kind: 'progress', sid: sid('a'), state, duration: 9 }
    : { kind: 'progress', sid: sid('a'), state }
}

test('no sequence of reports moves a call backward, out of a final state, or to another carrier id once confirmed', () => {
  const state = fc.constantFrom<CarrierState>('initiated', 'ringing', 'in_progress', ...endings)
  const news = fc.oneof(
    fc.record({ kind: fc.constant('progress' as const), sid: fc.constantFrom(sid('a'), sid('b')), state }),
    fc.constant<News>({ kind: 'refused', reason: 'r' }),
    fc.constant<News>({ kind: 'unavailable', reason: 'r' }),
    fc.constant<News>({ kind: 'unclear', reason: 'r' }),
    fc.boolean().map((hold): News => ({ kind: 'absent', hold })),
    fc.constantFrom(sid('a'), sid('b')).map((id): News => ({ kind: 'heard', sid: id })),
    fc.constant<News>({ kind: 'hang_up', reason: 'r' }),
    fc.constant<News>({ kind: 'dropped', reason: 'r' }),
  )
  const source = fc.constantFrom<Source>('dialer', 'answer', 'webhook', 'poll', 'list', 'person')
  fc.assert(
    fc.property(fc.array(fc.tuple(news, source), { maxLength: 30 }), (reports) => {
      let before = call()
      for (const [one, from] of reports) {
        const { call: after, entry } = learn(before, one, from)
        expect(after.state === before.state || mayMove(before.state, after.state)).toBe(true)
        const kept = before.sidConfirmed ? before.carrierSid : after.carrierSid
        expect(after.carrierSid).toBe(kept)
        const traces = [after.carrierSid !== null, after.heard]
        expect(after.state === 'not_placed' && traces.includes(true)).toBe(false)
        expect(after.entries).toBe(before.entries + (entry ? 1 : 0))
        expect(after.endedAt !== null).toBe(isFinal(after.state))
        before = after
      }
    }),
    { numRuns: 500 },
  )
})

test('every live call that an attempt must not have is named as a stray', () => {
  const confirmed = call({ state: 'ringing', carrierSid: sid('a'), sidConfirmed: true })
  expect(named(confirmed, says('ringing', sid('b')))).toBe(sid('b'))
  expect(named(call({ state: 'not_placed' }), says('initiated'))).toBe(sid('a'))
  expect(named(call({ state: 'not_placed' }), { kind: 'heard', sid: sid('a') })).toBe(sid('a'))
  expect(named(confirmed, { kind: 'heard', sid: sid('b') })).toBe(sid('b'))
  // The carrier said that it dials nobody, and dials all the same.
  expect(named(call({ state: 'failed', reason: 'carrier_21211' }), says('ringing'))).toBe(sid('a'))
  // Given up under an id that was a wrong answer; its real one turns up.
  expect(named(call({ state: 'failed', carrierSid: sid('a') }), says('ringing', sid('b')))).toBe(sid('b'))
  // One that is over needs no ending.
  expect(named(call({ state: 'not_placed' }), says('completed'))).toBeNull()
})

test('an answer that contradicts what the carrier has said by itself names no second call', () => {
  const confirmed = call({ state: 'ringing', carrierSid: sid('a'), sidConfirmed: true })
  expect(learn(confirmed, says('initiated', sid('b')), 'answer')).toMatchObject({
    changed: false,
    stray: null,
  })
  expect(learn(confirmed, says('initiated', sid('b')), 'webhook').stray).toBe(sid('b'))
  const givenBack = call({ state: 'not_placed' })
  expect(learn(givenBack, says('initiated', sid('b')), 'answer').stray).toBe(sid('b'))
})

test('a stray is named even when the history is full and when we asked ourselves', () => {
  const full = call({ state: 'not_placed', entries: maxEntries })
  expect(learn(full, says('ringing')).stray).toBe(sid('a'))
  expect(learn(call({ state: 'not_placed' }), says('ringing'), 'list').stray).toBe(sid('a'))
})

test('what a given-back attempt said later does not make it heard', () => {
  const { call: after, changed } = learn(call({ state: 'not_placed' }), { kind: 'heard', sid: sid('a') })
  expect(changed).toBe(false)
  expect(after.heard).toBe(false)
})

test('the answer to a dial that only it named gives way to what the carrier says later', () => {
  const answered = learn(call(), says('initiated', sid('a')), 'answer').call
  const after = learn(answered, says('ringing', sid('b'))).call
  expect(after).toMatchObject({ state: 'ringing', carrierSid: sid('b'), sidConfirmed: true })
})

test('hearing the message to its end proves that the carrier has the call', () => {
  const after = learn(call(), { kind: 'heard', sid: sid('a') }).call
  expect(after).toMatchObject({ state: 'in_progress', carrierSid: sid('a'), heard: true, startedAt: at })
  expect(learn(after, { kind: 'absent', hold: false }, 'list').changed).toBe(false)
  expect(
    learn(
      { ...after, ...call({ state: 'completed', carrierSid: sid('a') }) },
      { kind: 'heard', sid: sid('a') },
    ).call,
  ).toMatchObject({ heard: true, playback: 4 })
})

test('a webhook that overtakes an unclear answer wins', () => {
  const ringing = learn(call(), says('ringing')).call
  expect(learn(ringing, { kind: 'unclear', reason: 'timeout' }, 'answer').call.state).toBe('ringing')
  expect(learn(ringing, { kind: 'unavailable', reason: 'x' }, 'answer').call.state).toBe('ringing')
  expect(learn(ringing, { kind: 'refused', reason: 'x' }, 'answer').call.state).toBe('ringing')
})

test('a held attempt is decided by how the carrier says it ended, and by nothing before that', () => {
  const held = call({ state: 'held', endedAt: at })
  const ringing = learn(held, says('ringing')).call
  expect(ringing).toMatchObject({ state: 'held', carrierSid: sid('a') })
  expect(learn(ringing, { ...says('completed'), duration: 12 } as News).call).toMatchObject({
    state: 'completed',
    duration: 12,
  })
})

test('repeats fill the history only up to its limit', () => {
  let after = learn(call(), says('ringing')).call
  for (let repeat = 0; repeat < 1_000; repeat += 1) after = learn(after, says('ringing')).call
  expect(after.entries).toBe(maxEntries)
  expect(learn(after, says('completed')).call).toMatchObject({ state: 'completed', entries: maxEntries + 1 })
})

test('every state takes every report without an error', () => {
  const states: readonly CallState[] = callStates
  for (const state of states)
    for (const to of ['initiated', 'ringing', 'in_progress', ...endings] as const)
      expect(() => learn(call({ state }), says(to))).not.toThrow()
})

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length <= 1) return [items]
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  )
}
