/**
 * Kills the server with SIGKILL at random moments while it calls a list, and starts it again each time:
 *   npx tsx test/faults/kill.ts --recipients 2000 --kills 10 --seed 1
 * Nobody may be lost and nobody called twice. Build first: the server runs from dist.
 */
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/random.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { beginByHttp, createRig, judge, kill, people, quantile, report, runEnded, until } from './rig.ts'

const { values } = parseArgs({
  options: {
    recipients: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    'calls-per-second': { type: 'string', default: '50' },
    'unknown-after': { type: 'string', default: '10' },
    'within-minutes': { type: 'string', default: '10' },
  },
})
const [recipients, kills, seed] = [Number(values.recipients), Number(values.kills), Number(values.seed)]
const limits = { callsPerSecond: Number(values['calls-per-second']), maxConcurrentCalls: 200 }
const withinMs = Number(values['within-minutes']) * 60_000
process.stdout.write(`seed ${seed}\n`)

const random = seededRandom(seed)
const rig = await createRig({
  ...limits,
  unknownAfterSeconds: Number(values['unknown-after']),
  seed,
  speed: 20,
  profile: 'default',
  carrier: ['--accept-delay', '0-300', '--answer-delay', '50-500'],
})
try {
  const startedMs = performance.now()
  let server = await rig.startServer()
  const numbers = people(recipients)
  const { runId } = await beginByHttp(rig, server, numbers)
  const restarts: number[] = []
  for (let times = 1; times <= kills; times += 1) {
    // Spread over the whole list: each kill falls somewhere into its own share of the calls.
    const wanted = Math.floor((recipients / (kills + 1)) * (times - 0.5 + random()))
    await until(`${wanted} calls`, withinMs, async () => (await acceptedTimes()).length >= wanted)
    await new Promise((next) => setTimeout(next, random() * 200))
    await kill(server.process)
    // What the dead process had sent is still being accepted: only what comes after that was dialed by the next.
    await new Promise((next) => setTimeout(next, 350))
    const before = (await acceptedTimes()).length
    const restartedAt = Date.now()
    server = await rig.startServer()
    await until(
      'the first call after the restart',
      withinMs,
      async () => (await acceptedTimes()).length > before,
    )
    restarts.push(((await acceptedTimes())[before] ?? 0) - restartedAt)
  }
  await until('the run is over', withinMs, () => runEnded(rig, runId))
  const { ledger, findings } = await judge(rig, [{ runId, numbers }], { ...limits, jitterMs: 600 })
  const [voids] = await rig.sql<
    { count: number }[]
  >`select count(*)::int as count from calls where phase = 'void'`
  const silent = ledger.filter((call) => call.answeredAt !== null && call.heard.length === 0).length
  const figures = {
    recipients,
    kills,
    'calls at the carrier': ledger.length,
    'attempts given back': voids?.count,
    'answered and heard silence': silent,
    'restart to first dial p50': `${quantile(restarts, 0.5)} ms`,
    'restart to first dial max': `${Math.max(...restarts)} ms`,
    took: `${Math.round((performance.now() - startedMs) / 1_000)} s`,
  }
  report(rig, figures, findings)
} finally {
  await rig.close()
}

async function acceptedTimes(): Promise<number[]> {
  return (await ledgerCalls(rig.ledgerPath)).map((call) => call.acceptedAt.getTime())
}
