import { afterEach, expect, test } from 'vitest'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { audit } from '../../src/dialer/audit.ts'
import { closeBatch } from '../../src/events/event-log.ts'
import { createOneTimeCodes, type OneTimeCodes } from '../../src/otp/one-time-codes.ts'
import { createOtpCodes } from '../../src/otp/otp-code.ts'
import { beginCampaign, fictionalNumbers } from '../campaign.ts'
import { createWorld, eventually, worldOtpSecret, type World } from '../world.ts'

let world: World
afterEach(() => world.close())

const program = { purpose: 'program', holder: null } as const

const callerIds = async () => ({ chosen: '+18005550100', owned: ['+18005550100'], verified: [] })

function codesOf({ sql, clock, dialer, queueText }: World): OneTimeCodes {
  const { carrierAccountId } = dialer
  const codes = createOtpCodes(worldOtpSecret)
  return createOneTimeCodes({
    sql,
    clock,
    codes,
    queueText,
    callerIds,
    carrierAccountId,
    carrierIsLive: false,
  })
}

async function speakCode(codes: OneTimeCodes, number: string): Promise<void> {
  const asked = { workspaceId: world.workspaceId, userId: null, use: program }
  const body = { number, message: 'Your code is {otp}', sms_send_options: 'voice' }
  const prepared = await codes.prepareCode(asked, body)
  await world.sql.begin(async (tx) => {
    const { batch } = await codes.sendCode(tx, prepared)
    await closeBatch(tx, { now: world.clock.now(), workspaces: batch })
  })
}

test('a spoken code does not wait for calls and texts that use up the whole rate, and the rate holds over time', async () => {
  world = await createWorld({ callsPerSecond: 2 })
  const codes = codesOf(world)
  await beginCampaign(world, fictionalNumbers(500))
  await beginCampaign(world, fictionalNumbers(500, 213), { service: 'SMS' })
  await eventually('the campaigns use the rate', async () => {
    return (await ledgerCalls(world.ledgerPath)).length >= 1
  })
  const startedMs = Date.now()
  for (let index = 0; index < 5; index += 1) {
    const to = `+1${214 + index}5550142`
    const before = (await ledgerCalls(world.ledgerPath)).length
    await speakCode(codes, to)
    await eventually('the code is at the carrier', async () =>
      (await ledgerCalls(world.ledgerPath)).some((call) => call.to === to),
    )
    // A thousand are before it; those whose slots were taken already may still go first.
    const place = (await ledgerCalls(world.ledgerPath)).findIndex((call) => call.to === to)
    expect(place - before).toBeLessThan(10)
    await eventually(
      'the campaigns went on',
      async () => (await ledgerCalls(world.ledgerPath)).length > before + 2,
    )
  }
  const [row] = await world.sql<{ made: number }[]>`
    select (select count(*) from texts where intended_at is not null)::int
         + (select count(*) from calls where intended_at is not null)::int as made`
  const seconds = (Date.now() - startedMs) / 1_000
  expect(row?.made).toBeLessThan(2 * (seconds + 3) + 10)
  expect((await audit(world.sql, world.clock.now())).findings).toEqual([])
})

test('at most as many calls are open as may be, urgent or not', async () => {
  world = await createWorld({ callsPerSecond: 50, maxConcurrentCalls: 3, carrier: { speed: 20 } })
  const codes = codesOf(world)
  await beginCampaign(world, fictionalNumbers(30))
  for (let index = 0; index < 8; index += 1) await speakCode(codes, `+1${302 + index}5550142`)
  await eventually('every code was spoken', async () => {
    return (await world.sql`select from calls where urgent and state = 'completed'`).length === 8
  })
  const calls = await ledgerCalls(world.ledgerPath)
  const open = calls.map((one) => {
    const at = one.acceptedAt.getTime()
    return calls.filter(
      (other) => other.acceptedAt.getTime() <= at && (other.endedAt?.getTime() ?? Infinity) > at,
    ).length
  })
  expect(Math.max(...open)).toBeLessThanOrEqual(3)
})
