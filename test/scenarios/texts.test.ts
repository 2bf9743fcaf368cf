import { afterEach, expect, test } from 'vitest'
import type { FaultSettings } from '../../simulator/faults.ts'
import { ledgerTexts, type LedgerText } from '../../simulator/ledger-texts.ts'
import { audit } from '../../src/dialer/audit.ts'
import { blockNumber } from '../../src/numbers/do-not-call-store.ts'
import { findText } from '../../src/messages/message-query-store.ts'
import { fictionalNumbers } from '../campaign.ts'
import { judgeTextLedger, ownTexts, queueTexts, underWay } from '../texts.ts'
import { createWorld, eventually, type World, type WorldOptions } from '../world.ts'

let world: World
afterEach(() => world.close())

const ours = '+18005550100'

async function quiet(): Promise<void> {
  await eventually(
    'no text is under way',
    async () => {
      const texts = await ownTexts(world.sql)
      return underWay(texts).length === 0 && world.phones.openTexts() === 0
    },
    30_000,
  )
}

/** Everybody was texted, once; every text is final; the records agree with the carrier's and with themselves. */
async function expectPromiseKept(people: readonly string[]): Promise<LedgerText[]> {
  await quiet()
  const ledger = await ledgerTexts(world.ledgerPath)
  const own = await ownTexts(world.sql)
  expect(judgeTextLedger({ ledger, own, people, references: world.textReferences })).toEqual([])
  expect((await audit(world.sql, world.clock.now())).findings).toEqual([])
  return ledger
}

type Case = { fault: string; faults: Partial<FaultSettings>; options?: WorldOptions; people?: number }

const cases: Case[] = [
  { fault: 'nothing goes wrong', faults: {}, people: 200 },
  { fault: 'accepted, then silent', faults: { percent: { 'accept-then-silent': 30 } } },
  { fault: 'a reset after acceptance', faults: { percent: { 'reset-after': 30 } } },
  {
    fault: 'a reset before acceptance',
    faults: { percent: { 'reset-before': 20 } },
    options: { unknownAfterMs: 1_000 },
  },
  { fault: 'a server error after acceptance', faults: { percent: { '500-with-acceptance': 30 } } },
  {
    fault: 'a server error before acceptance',
    faults: { percent: { '500-without': 20 } },
    options: { unknownAfterMs: 1_000 },
  },
  {
    fault: 'an answer that means nothing',
    faults: { percent: { 'garbage-201': 40 } },
    options: { unknownAfterMs: 6_000 },
  },
  {
    fault: 'an answer that means nothing, and no webhook',
    faults: { percent: { 'garbage-201': 40, 'callbacks-lost': 100 } },
    options: { unknownAfterMs: 6_000 },
  },
  { fault: 'a redirect', faults: { percent: { redirect: 25 } }, options: { unknownAfterMs: 1_000 } },
  { fault: 'an answer without end', faults: { percent: { 'endless-answer': 20 } } },
  { fault: 'a webhook before the answer', faults: { percent: { 'callback-before-answer': 100 } } },
  { fault: 'too many requests', faults: { percent: { '429': 10 }, retryAfterSeconds: [1, 1] } },
  { fault: 'all webhooks lost', faults: { percent: { 'callbacks-lost': 100 } } },
  { fault: 'all webhooks twice', faults: { percent: { 'callbacks-doubled': 100 } } },
  { fault: 'all webhooks out of order', faults: { percent: { 'callbacks-shuffled': 100 } } },
  { fault: 'a forged webhook before each', faults: { percent: { 'callbacks-forged': 100 } } },
  {
    fault: 'a list that lags, and no webhook',
    faults: { percent: { 'reset-after': 50, 'callbacks-lost': 100 }, listLagSeconds: 2 },
    options: { unknownAfterMs: 4_000 },
  },
]

test.each(cases)('$fault: everybody is texted once', async ({ faults, options, people = 50 }) => {
  world = await createWorld({ ...options, carrier: { faults } })
  const numbers = fictionalNumbers(people)
  await queueTexts(
    world,
    numbers.map((to) => ({ to })),
  )
  expect(await expectPromiseKept(numbers)).toHaveLength(people)
})

test('the magic numbers tell how a text ends', async () => {
  world = await createWorld({ carrier: { speed: 100 } })
  const [delivered = '', undelivered = '', filtered = '', refused = ''] = await queueTexts(world, [
    { to: '+12025550130' },
    { to: '+12025550131' },
    { to: '+12025550132' },
    { to: '+12025550104' },
  ])
  await quiet()
  const state = async (id: string) => {
    const text = (await findText(world.sql, world.workspaceId, id))?.text
    return [text?.state, text?.reason]
  }
  expect(await state(delivered)).toEqual(['delivered', null])
  expect(await state(undelivered)).toEqual(['undelivered', 'carrier_30003'])
  expect(await state(filtered)).toEqual(['undelivered', 'carrier_30007'])
  expect(await state(refused)).toEqual(['failed', 'carrier_21211'])
})

test('identical texts to one person are sent one after the other, never at once', async () => {
  world = await createWorld({ carrier: { faults: { answerDelayMs: [300, 300] } } })
  const to = '+12125550001'
  await queueTexts(
    world,
    [1, 2, 3].map(() => ({ to, body: 'Again' })),
  )
  await quiet()
  const ledger = await ledgerTexts(world.ledgerPath)
  expect(ledger).toHaveLength(3)
  expect((await audit(world.sql, world.clock.now())).findings).toEqual([])
})

test('a text that expired is dropped and says so, and one for later waits', async () => {
  world = await createWorld()
  const now = world.clock.now().getTime()
  const [expired = '', later = ''] = await queueTexts(world, [
    { to: '+12125550001', expiresAt: new Date(now - 1) },
    { to: '+12125550002', dueAt: new Date(now + 3_600_000) },
  ])
  await eventually('the expired one is dropped', async () => {
    const facts = await findText(world.sql, world.workspaceId, expired)
    return facts?.text.state === 'canceled' && facts.text.reason === 'expired'
  })
  expect((await findText(world.sql, world.workspaceId, later))?.text.state).toBe('queued')
  expect(await ledgerTexts(world.ledgerPath)).toEqual([])
})

test('a gate is asked in the moment of sending: it composes the body, or the text is dropped', async () => {
  world = await createWorld({
    gates: {
      otp: async (_tx, texts) =>
        texts.map(({ body }) => ({ send: true, body: body.replace('{otp}', '493817') })),
      reminder: async (_tx, texts) => texts.map(() => ({ send: false, reason: 'superseded' })),
    },
  })
  const [, reminder = ''] = await queueTexts(world, [
    { to: '+12125550001', kind: 'otp', lane: 'otp', body: 'Code 493817', stored: 'Code {otp}' },
    { to: '+12125550002', kind: 'reminder', lane: 'reminder' },
  ])
  await quiet()
  expect((await ledgerTexts(world.ledgerPath)).map((text) => text.body)).toEqual(['Code 493817'])
  expect((await findText(world.sql, world.workspaceId, reminder))?.text).toMatchObject({
    state: 'canceled',
    reason: 'superseded',
  })
  const [row] = await world.sql<{ hit: boolean }[]>`
    select exists (select from texts t where t::text like '%493817%')
        or exists (select from text_events e where e::text like '%493817%')
        or exists (select from events e where e::text like '%493817%') as hit`
  expect(row?.hit).toBe(false)
})

test('nobody on the do-not-call list is texted; a code goes past an entry of the business, not past a STOP', async () => {
  world = await createWorld()
  const { workspaceId } = world
  await world.sql.begin((tx) =>
    blockNumber(
      tx,
      { workspaceId, number: '+12125550001', reason: null, createdBy: null },
      world.clock.now(),
    ),
  )
  await textUs('+12125550002', 'Stop')
  const people = ['+12125550001', '+12125550002']
  const ids = await queueTexts(
    world,
    people.flatMap((to) => [
      { to, body: 'Buy!' },
      { to, body: 'Code 1', lane: 'otp' as const, kind: 'otp' as const },
    ]),
  )
  await quiet()
  const states = await Promise.all(
    ids.map(async (id) => (await findText(world.sql, workspaceId, id))?.text.state),
  )
  expect(states).toEqual(['canceled', 'delivered', 'canceled', 'canceled'])
})

async function textUs(from: string, body: string): Promise<void> {
  const answer = await fetch(`${world.phones.url}/simulator/texts`, {
    method: 'POST',
    body: JSON.stringify({ from, to: ours, body, url: `${world.origin}/hooks/sms/inbound` }),
  })
  expect(answer.status).toBe(201)
}

test('STOP is in force before it is answered, START lifts it, and HELP is answered with one text', async () => {
  world = await createWorld()
  const person = '+12125550009'
  const blocked = async () => (await world.sql`select from do_not_call where number = ${person}`).length === 1
  await queueTexts(world, [{ to: person }])
  await quiet()
  await textUs(person, 'रोक्नुहोस्')
  expect(await blocked()).toBe(true)
  await textUs(person, 'START')
  expect(await blocked()).toBe(false)
  await textUs(person, 'help')
  await quiet()
  const last = (await ledgerTexts(world.ledgerPath)).at(-1)
  expect(last?.body).toContain('STOP')
  expect(await world.sql`select word from inbound_texts order by id`).toEqual([
    { word: 'stop' },
    { word: 'start' },
    { word: 'help' },
  ])
})

test('STOP while a hundred dispatchers are at work is obeyed by each: by the carrier’s ledger, nothing comes a second later', async () => {
  world = await createWorld({ callsPerSecond: 60, dialing: false })
  const people = fictionalNumbers(60)
  for (let round = 1; round <= 10; round += 1)
    await queueTexts(
      world,
      people.map((to) => ({ to, body: `Text ${round}` })),
    )
  await world.dialer.start()
  // The others hear nothing of a STOP as it commits: they must find it by themselves.
  const others = await Promise.all(Array.from({ length: 99 }, () => world.anotherDialer(2)))
  await Promise.all(others.map((dialer) => dialer.worker.start()))
  for (const dialer of others) dialer.textLoop.start()
  await eventually('texts flow', async () => (await ledgerTexts(world.ledgerPath)).length >= 60)
  const stoppedMs = new Map<string, number>()
  for (const person of people) {
    await textUs(person, 'STOP')
    stoppedMs.set(person, Date.now())
  }
  await quiet()
  const ledger = await ledgerTexts(world.ledgerPath)
  const senders = await world.sql`select distinct owner from texts where state = 'delivered' limit 100`
  expect(
    ledger.filter(({ to, acceptedAt }) => acceptedAt.getTime() > (stoppedMs.get(to) ?? 0) + 1_000),
  ).toEqual([])
  expect(ledger.length).toBeLessThan(people.length * 10)
  expect(senders.length).toBeGreaterThan(10)
}, 180_000)

test('START does not lift what the business itself forbade', async () => {
  world = await createWorld()
  const number = '+12125550009'
  const { workspaceId } = world
  await world.sql.begin((tx) =>
    blockNumber(tx, { workspaceId, number, reason: 'lawyer', createdBy: null }, world.clock.now()),
  )
  await textUs(number, 'STOP')
  await textUs(number, 'START')
  expect(await world.sql`select reason, stopped_at from do_not_call`).toEqual([
    { reason: 'lawyer', stopped_at: null },
  ])
})

test('a forged text and a forged status change nothing', async () => {
  world = await createWorld({ dialing: false })
  const [id = ''] = await queueTexts(world, [{ to: '+12125550001' }])
  const reference = world.textReferences.encode({ workspaceId: world.workspaceId, textId: id })
  const form = {
    From: '+12125550001',
    To: ours,
    Body: 'STOP',
    MessageSid: `SM${'0'.repeat(32)}`,
    MessageStatus: 'failed',
  }
  for (const path of ['/hooks/sms/inbound', `/hooks/sms/${reference}/status`]) {
    for (const signature of [undefined, 'AAAA', Buffer.alloc(20).toString('base64')]) {
      const answer = await fetch(world.origin + path, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: signature === undefined ? {} : { 'x-twilio-signature': signature },
      })
      expect(answer.status).toBe(403)
    }
  }
  expect(await world.sql`select from do_not_call`).toHaveLength(0)
  expect((await findText(world.sql, world.workspaceId, id))?.text.state).toBe('queued')
})
