/** Carriers whose list of calls is late: the one thing that the promise assumes something about. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultSettings } from '../../simulator/faults.ts'
import { ledgerCalls, type LedgerCall } from '../../simulator/ledger-calls.ts'
import { size, type Ground } from './ground.ts'
import { until } from './processes.ts'
import { type Rig } from './installation.ts'
import { referenced } from './verdict.ts'
import { people } from './people.ts'
import { inRig, type Outcome, type Row } from './row.ts'

const callsPerSecond = 100
const limits = { callsPerSecond, maxConcurrentCalls: 200, jitterMs: 800 }

export const listRows: Row[] = [
  { name: 'carrier: its list lags less than the window', run: listLagsLess },
  { name: 'carrier: its list lags for ever, policy hold', run: listLagsHold },
  { name: 'carrier: its list lags for ever, policy reconcile', run: listLagsReconcile },
]

const unheard: Partial<FaultSettings> = { percent: { 'reset-after': 30, 'callbacks-lost': 100 } }
/** Nobody answers: whoever hears the message would tell of the call that the list conceals. */
const nobodyIsThere = JSON.stringify({
  outcomes: { completed: 0, hung_up: 0, no_answer: 1, busy: 0, failed: 0 },
})

function listLagsLess(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 80, 2_000)
  return inRig(
    ground,
    {
      callsPerSecond,
      unknownAfterSeconds: 10,
      profile: nobodyIsThere,
      faults: { ...unheard, listLagSeconds: 4 },
    },
    async (rig) => {
      await rig.start()
      await rig.beginRun(people(recipients))
      return { recipients, 'lag s': 4, 'window s': 10 }
    },
    { limits, withinMs: 60_000 },
  )
}

/** Never twice holds without any assumption; what cannot be found is for a person to decide. */
function listLagsHold(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 80, 2_000)
  return inRig(
    ground,
    {
      callsPerSecond,
      unknownAfterSeconds: 3,
      profile: nobodyIsThere,
      faults: { ...unheard, listLagSeconds: 36_000 },
    },
    async (rig) => {
      await rig.start()
      await rig.sql`update workspaces set settings = settings || '{"unknown_policy": "hold"}'::jsonb`
      await rig.beginRun(people(recipients))
      return { recipients, 'window s': 3 }
    },
    {
      limits,
      withinMs: 60_000,
      // What is held is not known to be at the carrier: the two disagree about that, and about nothing else.
      expected: (finding) => /^ledger (sid|outcome): /.test(finding) && /null|held/.test(finding),
      look: async (ledger, rig) => {
        const [row] = await rig.sql<
          { held: number }[]
        >`select count(*)::int as held from calls where state = 'held'`
        if (ledger.length !== recipients) rig.findings.push(`${ledger.length} calls for ${recipients} people`)
        if ((row?.held ?? 0) === 0) rig.findings.push('nothing was held')
        return { held: row?.held ?? 0 }
      },
    },
  )
}

/** Beyond the assumed time people are called again: each of those calls is known, ended and shown. */
function listLagsReconcile(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 30, 200)
  const late: Partial<FaultSettings> = {
    percent: { 'reset-after': 30, 'callbacks-delayed': 100 },
    callbackDelayMs: [7_000, 9_000],
    listLagSeconds: 36_000,
  }
  return inRig(
    ground,
    { callsPerSecond, unknownAfterSeconds: 2, profile: nobodyIsThere, speed: 4, faults: late },
    async (rig) => {
      await rig.start()
      await rig.beginRun(people(recipients))
      await until('somebody was called again', 180_000, async () => (await rig.accepted()) > recipients)
      await rig.setFaults({})
      const isNamed = async () => (await secondCallsUnnamed(await ledgerCalls(rig.ledgerPath), rig)) === 0
      // Whoever is called again is known when the late word of the first call has come; the last may be under way.
      await delay(4_000)
      await until('every second call is named', 12_000, isNamed).catch(() => {})
      return { recipients, 'window s': 2 }
    },
    {
      withinMs: 60_000,
      expected: (finding) => /^(ledger (twice|live_twice|sid|outcome)|audit stray)/.test(finding),
      look: async (ledger, rig) => {
        const unnamed = await secondCallsUnnamed(ledger, rig)
        if (ledger.length <= recipients) rig.findings.push('nobody was called again: the row shows nothing')
        if (unnamed > 0) rig.findings.push(`${unnamed} second calls are not named`)
        return {
          'called again': ledger.length - recipients,
          'of them named': ledger.length - recipients - unnamed,
        }
      },
    },
  )
}

async function secondCallsUnnamed(ledger: LedgerCall[], rig: Rig): Promise<number> {
  const given = await rig.sql<{ id: string }[]>`select id from calls where state = 'not_placed'`
  const strays = await rig.sql<{ sid: string }[]>`select carrier_sid as sid from stray_calls`
  const [ids, sids] = [new Set(given.map(({ id }) => id)), new Set(strays.map(({ sid }) => sid))]
  return ledger.filter((call) => ids.has(referenced(call) ?? '') && !sids.has(call.sid)).length
}
