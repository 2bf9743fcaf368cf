import { afterAll, beforeAll, expect, test } from 'vitest'
import { testSecretKey } from '../../test/http-world.ts'
import { quietTelephony } from '../../test/telephony.ts'
import { createSimulatedPayments } from '../accounts/simulated-payments.ts'
import type { Payments } from '../accounts/payment.ts'
import { transaction } from '../db/sql.ts'
import { silentLog } from '../log.ts'
import { findTextAbout } from '../messages/message-query-store.ts'
import type { Text } from '../messages/text.ts'
import { reminderGate } from './reminder-gate.ts'
import { createRequestLoop, type RequestLoop } from './request-loop.ts'
import { createRequestWorld, type RequestWorld } from './request-server.fixture.ts'

let world: RequestWorld
let loop: RequestLoop
let payments: Payments

beforeAll(async () => {
  world = await createRequestWorld()
  const { database, clock } = world
  const telephony = await quietTelephony(database, clock, { secretKey: testSecretKey })
  payments = createSimulatedPayments()
  loop = createRequestLoop({
    sql: database.sql,
    clock,
    log: silentLog,
    queueText: telephony.queueText,
    callerIds: telephony.numbers.sharedCallerIds,
    carrierAccountId: telephony.dialer.carrierAccountId,
    carrier: telephony.carrier,
    roomName: telephony.references.roomName,
    writer: telephony.dialer.writer,
    payments: { ...payments, charge: (charge) => payments.charge(charge) },
  })
})
afterAll(() => world.close())

const at = (minutes: number) => new Date(world.at(minutes))
const hero = () => world.people.hero
const caller = () => world.people.caller

async function reminders(id: number): Promise<{ body: string; subject: string; to_number: string }[]> {
  return world.database.sql`
    select body, subject, to_number from texts
     where kind = 'reminder' and subject like ${`request ${id} %`} order by to_number limit 100`
}

/** What the senders are told about every reminder of a request in the moment of sending. */
async function mayBeSent(id: number, now: Date): Promise<boolean[]> {
  const found: Text[] = []
  for (const { subject } of await reminders(id)) {
    const text = await findTextAbout(world.database.sql, {
      workspaceId: world.workspaceId,
      kind: 'reminder',
      subject,
    })
    if (text !== null) found.push(text)
  }
  const answers = await transaction(world.database.sql, (tx) => reminderGate(tx, found, now))
  return answers.map((answer) => answer.send)
}

test('each party is reminded once, fifteen minutes before, in the own zone', async () => {
  const id = await world.agreed(600)
  await loop.runOnce(at(584))
  expect(await reminders(id)).toEqual([])
  await loop.runOnce(at(585))
  await loop.runOnce(at(586))
  const texts = await reminders(id)
  expect(texts.map((text) => text.body)).toEqual([
    'Your call with Some User is at 16:00 (Chicago, UTC-06:00), in 15 min. We ring you then.',
    'Your call with Tom Brady is at 03:45 (Kathmandu, UTC+05:45), in 15 min. We ring you then.',
  ])
  expect(await mayBeSent(id, at(586))).toEqual([true, true])
})

test('two loops at once remind nobody twice', async () => {
  const id = await world.agreed(660)
  await Promise.all([loop.runOnce(at(645)), loop.runOnce(at(645)), loop.runOnce(at(645))])
  expect(await reminders(id)).toHaveLength(2)
})

test('a reminder that waits is not sent once the request is cancelled, the time has moved, or the call has begun', async () => {
  const cancelled = await world.agreed(720)
  await loop.runOnce(at(705))
  await world.act(caller(), cancelled, 'cancel', { reason: 'No', force: true })
  expect(await mayBeSent(cancelled, at(706))).toEqual([false, false])

  const moved = await world.agreed(780)
  await loop.runOnce(at(765))
  await world.act(hero(), moved, 'new-times', { time_one: world.at(840) })
  await world.act(caller(), moved, 'agreed-time', { agreed_time: world.at(840) })
  expect(await mayBeSent(moved, at(766))).toEqual([false, false])
  await loop.runOnce(at(825))
  expect(await reminders(moved)).toHaveLength(4)
  expect((await mayBeSent(moved, at(826))).filter(Boolean)).toHaveLength(2)
  expect(await mayBeSent(moved, at(840))).toEqual([false, false, false, false])
})

test('after an outage a reminder is late rather than lost, and left out once the call has begun', async () => {
  const late = await world.agreed(900)
  await loop.runOnce(at(897))
  expect((await reminders(late))[0]?.body).toContain('in 3 min')
  const over = await world.agreed(960)
  await loop.runOnce(at(961))
  expect(await reminders(over)).toEqual([])
})

test('at the agreed time the hero is rung once, to be taken to a room, and an outage longer than the call rings nobody', async () => {
  const id = await world.agreed(1020)
  await loop.runOnce(at(1019))
  await Promise.all([loop.runOnce(at(1020)), loop.runOnce(at(1020))])
  const calls = await world.database.sql`
    select to_number, room_side, room_seconds, urgent, state, message from calls where room like ${`request-${id}-%`} limit 10`
  expect(calls).toEqual([
    {
      to_number: '+12025550100',
      room_side: 'hero',
      // Fifteen minutes, two of grace, and two for the user's phone.
      room_seconds: 19 * 60,
      urgent: true,
      state: 'queued',
      message: expect.stringContaining('Some User'),
    },
  ])
  const slept = await world.agreed(1080)
  await loop.runOnce(at(1096))
  const answer = await world.as(caller(), 'GET', `/api/v1/call-requests/${slept}/`)
  expect(answer.json()).toMatchObject({ status: 'a', outcome: 'failed', call_id: null })
})

test('a fee is charged after the cancellation, once, and recorded when it cannot be', async () => {
  const { database, workspaceId } = world
  const id = await world.accepted(1200)
  await database.sql`
    insert into cancellation_fees (workspace_id, request_id, user_id, amount, currency, due_at, created_at)
    values (${workspaceId}, ${id}, ${caller().id}, 500, 'usd', clock_timestamp(), clock_timestamp())`
  const fee = async () => (await database.sql`select state, reason from cancellation_fees`)[0]
  await loop.runOnce(at(1))
  expect(await fee()).toEqual({ state: 'failed', reason: 'no_payment_method' })
  await database.sql`update users set payment_method = 'pm' where id = ${caller().id}`
  await database.sql`update cancellation_fees set state = 'due', due_at = clock_timestamp()`
  const { charge } = payments
  payments.charge = async () => ({ charged: false, when: 'later', reason: 'away' })
  await loop.runOnce(at(1))
  expect(await fee()).toEqual({ state: 'due', reason: 'away' })
  payments.charge = charge
  await database.sql`update cancellation_fees set due_at = clock_timestamp()`
  await loop.runOnce(at(1))
  expect(await fee()).toEqual({ state: 'charged', reason: null })
})
