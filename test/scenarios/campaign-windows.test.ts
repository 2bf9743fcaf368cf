import { afterEach, expect, test } from 'vitest'
import type { CampaignRules } from '../../src/campaigns/campaign-rules.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { PROFILES } from '../../simulator/profile.ts'
import { beginCampaign, fictionalNumbers } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { quiet, verdict } from './verdict.ts'

let world: World
afterEach(() => world.close())

/** Whole hours, half ones, quarters; those of the United States change their clocks at 2 in the morning of 1 November. */
const zones =
  `America/New_York America/Chicago America/Denver America/Los_Angeles America/Anchorage America/Phoenix
  America/St_Johns America/Sao_Paulo Europe/London Europe/Berlin Africa/Lagos Asia/Kathmandu Asia/Kolkata Asia/Dubai
  Asia/Tokyo Australia/Adelaide Australia/Lord_Howe Pacific/Auckland Pacific/Chatham Pacific/Kiritimati`.split(
    /\s+/,
  )

const everyDay = (from: string, until: string) =>
  Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [from, until] as const]),
  )
/** TEST_RECIPIENTS=5000 is the whole of it, some minutes long; by itself it is one of a size for every day. */
const recipients = Number(process.env['TEST_RECIPIENTS'] ?? 400)
const patienceMs = 60_000 + recipients * 100

const minuteMs = 60_000
const stepMs = 30 * minuteMs
const hours = 48

test(
  '48 hours, people in 20 zones, a change of the clocks: nobody is rung outside the hours of 9 to 20',
  { timeout: 10 * patienceMs },
  async () => {
    const outcomes = { completed: 40, hung_up: 10, no_answer: 35, busy: 10, failed: 5 }
    const profile = { ...PROFILES['all-answer'], outcomes }
    world = await createWorld({
      carrier: { profile },
      settings: { callingHours: everyDay('08:00', '20:00') },
      maxConcurrentCalls: 400,
    })
    await world.clock.set(new Date('2026-10-31T10:07:00Z'))
    const jumps = [{ wallMs: 0, offsetMs: world.clock.now().getTime() - world.clock.wall().getTime() }]
    const numbers = fictionalNumbers(recipients)
    const zoneOf = new Map(numbers.map((number, index) => [number, zones[index % zones.length] ?? 'UTC']))
    const retry: CampaignRules['retry'] = {
      maxAttempts: 6,
      after: {
        no_answer: { times: 5, delayMinutes: 250 },
        busy: { times: 5, delayMinutes: 95 },
        failed: { times: 2, delayMinutes: 600 },
      },
    }
    const run = await beginCampaign(world, numbers, {
      tagsOf: (number) => ({ tags_timezone: zoneOf.get(number) }),
      rules: { callingHours: everyDay('09:00', '23:00'), retry },
    })
    for (let passedMs = 0; passedMs < hours * 60 * minuteMs; passedMs += stepMs) {
      await nothingLeftToDo(run.campaignId)
      await quiet(world, patienceMs)
      await world.clock.advance(stepMs)
      const wallMs = world.clock.wall().getTime()
      jumps.push({ wallMs, offsetMs: world.clock.now().getTime() - wallMs })
    }
    await nothingLeftToDo(run.campaignId)
    await quiet(world, patienceMs)

    const { ledger, findings } = await verdict(world, [])
    expect(findings).toEqual([])
    const productTime = (wall: Date): Date => {
      const jump = jumps.findLast(({ wallMs }) => wallMs <= wall.getTime())
      return new Date(wall.getTime() + (jump?.offsetMs ?? 0))
    }
    const rung = ledger.map((call) => {
      const zone = zoneOf.get(call.to) ?? 'UTC'
      return {
        to: call.to,
        zone,
        at: productTime(call.acceptedAt),
        local: localMinute(zone, productTime(call.acceptedAt)),
      }
    })
    const outside = rung.filter(({ local }) => local < 9 * 60 || local >= 20 * 60)
    expect(outside).toEqual([])
    const reached = new Set(rung.map(({ to }) => to))
    expect(reached.size).toBe(recipients)
    expect(new Set(rung.map(({ zone }) => zone)).size).toBe(20)
    // The change is inside: people of New York were rung on both sides of it, at 9 by the clock of either day.
    const newYork = rung.filter(({ zone }) => zone === 'America/New_York').map(({ at }) => at.getTime())
    const change = Date.parse('2026-11-01T06:00:00Z')
    expect(newYork.some((at) => at < change)).toBe(true)
    expect(
      newYork.some(
        (at) => at >= Date.parse('2026-11-01T14:00:00Z') && at < Date.parse('2026-11-01T15:00:00Z'),
      ),
    ).toBe(true)
    expect(newYork.some((at) => at >= change && at < Date.parse('2026-11-01T14:00:00Z'))).toBe(false)
    expect(ledger.length).toBeGreaterThan(recipients * 1.4)
    expect((await ledgerCalls(world.ledgerPath)).length).toBe(ledger.length)
  },
)

/** Everybody who is due has been looked at: whoever waits, waits for a later time. */
async function nothingLeftToDo(campaignId: number): Promise<void> {
  await eventually(
    'everybody who is due was looked at',
    async () => {
      const [row] = await world.sql<{ open: number }[]>`
        select count(*)::int as open from campaign_numbers
         where campaign_id = ${campaignId}
           and (status in ('not_started', 'calling') or (status = 'queued' and due_at <= ${world.clock.now()}))`
      return row?.open === 0
    },
    patienceMs,
  )
}

/** Minutes since midnight on the clocks of a zone, by another way than the product's. */
function localMinute(zone: string, at: Date): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const [hour = 0, minute = 0] = format.format(at).split(':').map(Number)
  return hour * 60 + minute
}
