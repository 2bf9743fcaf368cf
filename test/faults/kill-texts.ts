/**
 * Kills the server with SIGKILL at random moments while it texts a list, and starts it again each time:
 *   npx tsx test/faults/kill-texts.ts --recipients 10000 --kills 20 --seed 1
 * Nobody may be lost and nobody texted twice. Build first: the server runs from dist.
 */
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/random.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { beginByHttp, createRig, judgeTexts, kill, people, quantile, report, runEnded, until } from './rig.ts'

const { values } = parseArgs({
  options: {
    recipients: { type: 'string', default: process.env['RECIPIENTS'] ?? '10000' },
    kills: { type: 'string', default: process.env['KILLS'] ?? '20' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    'per-second': { type: 'string', default: '100' },
    'unknown-after': { type: 'string', default: '10' },
    'within-minutes': { type: 'string', default: '15' },
  },
})
const [recipients, kills, seed] = [Number(values.recipients), Number(values.kills), Number(values.seed)]
const perSecond = Number(values['per-second'])
const withinMs = Number(values['within-minutes']) * 60_000
process.stdout.write(`seed ${seed}\n`)

const random = seededRandom(seed)
const rig = await createRig({
  callsPerSecond: perSecond,
  maxConcurrentCalls: 200,
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
  const { runId } = await beginByHttp(rig, server, numbers, 'SMS')
  const restarts: number[] = []
  for (let times = 1; times <= kills; times += 1) {
    // Spread over the whole list: each kill falls somewhere into its own share of the texts.
    const wanted = Math.floor((recipients / (kills + 1)) * (times - 0.5 + random()))
    await until(`${wanted} texts`, withinMs, async () => (await accepted()) >= wanted)
    await new Promise((next) => setTimeout(next, random() * 200))
    await kill(server.process)
    // What the dead process had sent is still being accepted: only what comes after that was sent by the next.
    await new Promise((next) => setTimeout(next, 350))
    const before = await accepted()
    const restartedMs = performance.now()
    server = await rig.startServer()
    await until('the first text after the restart', withinMs, async () => (await accepted()) > before)
    restarts.push(Math.round(performance.now() - restartedMs))
  }
  await until('the run is over', withinMs, () => runEnded(rig, runId))
  const { ledger, findings } = await judgeTexts(rig, numbers, { mostPerSecond: perSecond * 1.6 + 1 })
  const [row] = await rig.sql<{ voids: number; unknown: number }[]>`
    select (select count(*) from texts where phase = 'void')::int as voids,
           (select count(distinct text_id) from text_events where state = 'unknown')::int as unknown`
  const figures = {
    recipients,
    kills,
    'texts at the carrier': ledger.length,
    'attempts given back': row?.voids,
    'without a clear answer': row?.unknown,
    'restart to first text p50': `${quantile(restarts, 0.5)} ms`,
    'restart to first text max': `${Math.max(0, ...restarts)} ms`,
    took: `${Math.round((performance.now() - startedMs) / 1_000)} s`,
  }
  report(rig, figures, findings)
} finally {
  await rig.close()
}

async function accepted(): Promise<number> {
  return (await ledgerTexts(rig.ledgerPath)).length
}
