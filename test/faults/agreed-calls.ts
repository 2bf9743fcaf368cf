/**
 * Agreed calls under fire: servers die around the moments in which both parties are reminded and rung, while people
 * cancel and move their calls. The carrier's ledger says who was reminded of what.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createClock, type ProductClock } from '../../src/db/product-clock.ts'
import { seededRandom } from '../../src/random.ts'
import { ledgerTexts, type LedgerText } from '../../simulator/ledger-texts.ts'
import { addAgreedRequests } from './agreed-rows.ts'
import { size, type Ground } from './ground.ts'
import type { Rig, Server } from './installation.ts'
import { Negotiation, type Agreed } from './negotiation.ts'
import { kill, until } from './processes.ts'
import { inRig, type Figures, type Outcome, type Row } from './row.ts'
import { quantile } from './verdict.ts'

export const agreedRows: Row[] = [
  { name: 'agreed calls: kill -9 around reminders', run: killed, fullOnly: true },
  { name: 'agreed calls: reminders with many pending', run: punctual, fullOnly: true },
]

const minuteMs = 60_000
/** So far apart that no two of one person share the words of a time within two days. */
const slotMs = 105 * minuteMs
const leadMs = 15 * minuteMs
/** A text that was let go may reach the carrier so long after the move that forbids it was answered. */
const onItsWayMs = 1_500

type Plan = { pairs: number; slots: number; kills: number }

function killed(ground: Ground): Promise<Outcome> {
  const plan = {
    pairs: size(ground, 10, 50),
    slots: size(ground, 4, 20),
    kills: size(ground, 6, 30),
  }
  return inRig(
    ground,
    { speed: 10, profile: 'all-answer', callsPerSecond: 100 },
    async (rig) => killAround(rig, plan, seededRandom(ground.seed)),
    { withinMs: 120_000 },
  )
}

async function killAround(rig: Rig, plan: Plan, random: () => number): Promise<Figures> {
  let server = await rig.start()
  const clock = createClock(rig.sql)
  await clock.start()
  try {
    const people = await Negotiation.open(server.url, plan.pairs)
    const first = new Date(
      Math.ceil((clock.now().getTime() + 3 * 60 * minuteMs) / (15 * minuteMs)) * 15 * minuteMs,
    )
    const calls = await people.agreeAll(plan.slots, (slot) => new Date(first.getTime() + slot * slotMs))
    let kills = 0
    for (let slot = 0; slot < plan.slots; slot += 1) {
      const wanted = Math.round(((slot + 1) * plan.kills) / plan.slots) - kills
      server = await passSlot({ rig, clock, people, random, server }, { calls, slot, kills: wanted })
      kills += wanted
    }
    const figures = await judgeReminders(rig, calls, people)
    return { calls: calls.length, kills, ...figures }
  } finally {
    await clock.stop()
  }
}

type Stage = { rig: Rig; clock: ProductClock; people: Negotiation; random: () => number; server: Server }

/** One moment in which many are reminded, and then rung: moves before it and in it, and servers that die. */
async function passSlot(
  { rig, clock, people, random, server: living }: Stage,
  { calls, slot, kills }: { calls: readonly Agreed[]; slot: number; kills: number },
): Promise<Server> {
  let server = living
  const here = calls.filter((call) => call.slot === slot)
  const at = here[0]?.time ?? clock.now()
  const moved = here.filter((_, index) => index % 5 === 0)
  const move = (call: Agreed, index: number) =>
    index % 2 === 0 ? people.cancel(call) : people.moveBy(call, 60 * minuteMs)
  const [early, late] = [moved.filter((_, i) => i % 4 < 2), moved.filter((_, i) => i % 4 >= 2)]
  const killOnce = async (): Promise<void> => {
    await delay(random() * 900)
    await kill(server.child)
    server = await rig.start()
  }
  await clock.set(new Date(at.getTime() - leadMs - minuteMs))
  for (const [index, call] of early.entries()) await move(call, index)
  await clock.set(new Date(at.getTime() - leadMs))
  const moving = Promise.all(late.map(move))
  if (kills > 0) await killOnce()
  await moving
  if (kills > 1) await killOnce()
  await allReminded(rig, clock)
  await clock.set(at)
  if (kills > 2) await killOnce()
  await allOver(rig, clock)
  // Those that were moved by an hour have their own reminder and call.
  await clock.set(new Date(at.getTime() + 60 * minuteMs - leadMs))
  await allReminded(rig, clock)
  await clock.set(new Date(at.getTime() + 60 * minuteMs))
  await allOver(rig, clock)
  return server
}

async function allReminded(rig: Rig, clock: ProductClock): Promise<void> {
  await until('everybody is reminded', 90_000, async () => {
    const [row] = await rig.sql<{ done: boolean }[]>`
      select not exists (select from call_requests where remind_at <= ${clock.now()})
         and not exists (select from texts where phase in ('open', 'waiting')) as done`
    return row?.done === true
  })
}

async function allOver(rig: Rig, clock: ProductClock): Promise<void> {
  await until('every call of the moment is over', 120_000, async () => {
    const [row] = await rig.sql<{ done: boolean }[]>`
      select not exists (select from call_requests
                          where status = 'a' and outcome is null and agreed_time <= ${clock.now()})
         and not exists (select from calls where phase in ('open', 'waiting')) as done`
    return row?.done === true
  })
}

/** Each party of each call: one reminder of the time that stands, none of another one. */
async function judgeReminders(rig: Rig, calls: readonly Agreed[], people: Negotiation): Promise<Figures> {
  const texts = (await ledgerTexts(rig.ledgerPath)).filter(({ body }) => body.endsWith('We ring you then.'))
  const known = new Set<LedgerText>()
  const figures = { reminders: texts.length, missing: 0, twice: 0, 'of no time': 0, moved: 0, held: 0 }
  for (const call of calls) {
    if (call.changedAt !== null) figures.moved += 1
    for (const phone of people.phonesOf(call)) {
      const about = (time: Date): LedgerText[] => {
        const words = `is at ${time.toISOString().slice(11, 16)} (UTC)`
        const found = texts.filter((text) => text.to === phone && text.body.includes(words))
        for (const text of found) known.add(text)
        return found
      }
      const stands = call.stands === null ? [] : about(call.stands)
      if (call.stands !== null && stands.length === 0) figures.missing += 1
      if (stands.length > 1) figures.twice += 1
      if (call.changedAt === null) continue
      const old = about(call.time)
      const limit = call.changedAt + onItsWayMs
      if (old.length > 1) figures.twice += 1
      if (old.some((text) => text.acceptedAt.getTime() > limit)) figures['of no time'] += 1
    }
  }
  figures['of no time'] += texts.filter((text) => !known.has(text)).length
  const [row] = await rig.sql<{ held: number }[]>`
    select count(*)::int as held from call_requests where status = 's'`
  figures.held = row?.held ?? 0
  for (const fault of ['missing', 'twice', 'of no time'] as const)
    if (figures[fault] > 0) rig.findings.push(`reminders ${fault}: ${figures[fault]}`)
  const standing = calls.filter((call) => call.stands !== null).length
  if (figures.held < standing * 0.95)
    rig.findings.push(`only ${figures.held} of ${standing} calls that stood were joined`)
  return figures
}

/** How late reminders are written while very many wait for their time. */
function punctual(ground: Ground): Promise<Outcome> {
  const [pending, perSecond, seconds] = [size(ground, 2_000, 10_000), 20, 30]
  return inRig(
    ground,
    { callsPerSecond: 100, faults: { acceptDelayMs: [0, 0], answerDelayMs: [0, 0] } },
    async (rig) => {
      await rig.start()
      const start = Date.now() + 10_000
      const due = Array.from({ length: pending }, (_, index) =>
        index < perSecond * seconds
          ? new Date(start + (index * 1_000) / perSecond)
          : new Date(start + 24 * 60 * minuteMs + index * 1_000),
      )
      await addAgreedRequests(rig.sql, due)
      const written = async () => rig.sql<{ lateMs: number }[]>`
        select extract(epoch from text.created_at - (request.agreed_time - interval '15 minutes'))::float8 * 1000 as "lateMs"
          from texts text
          join call_requests request on text.subject like 'request ' || request.id || ' agreement %'
         where text.kind = 'reminder' limit 100000`
      await until('every reminder of the time is written', 120_000, async () => {
        const [row] = await rig.sql<{ count: number }[]>`
          select count(*)::int as count from texts where kind = 'reminder'`
        return (row?.count ?? 0) >= perSecond * seconds * 2
      })
      const late = (await written()).map((row) => row.lateMs)
      const [p50, p99] = [quantile(late, 0.5), quantile(late, 0.99)]
      if (p99 > 2_000) rig.findings.push(`one reminder in a hundred was ${Math.round(p99)} ms late`)
      return { pending, reminders: late.length, 'p50 ms': Math.round(p50), 'p99 ms': Math.round(p99) }
    },
    { withinMs: 60_000 },
  )
}
