/**
 * Two servers on one database; one is stopped with SIGSTOP in the middle of its work and goes on a minute later:
 *   npx tsx test/faults/stop-cont.ts --recipients 3000 --stops 2 --seconds 60 --seed 1
 * The other goes on calling, and what the stopped one had in its hands is not called twice. Build first.
 */
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/random.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { beginByHttp, createRig, judge, people, report, runEnded, until } from './rig.ts'

const { values } = parseArgs({
  options: {
    recipients: { type: 'string', default: '3000' },
    stops: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    'within-minutes': { type: 'string', default: '9' },
  },
})
const [recipients, stops, seconds, seed] = [
  Number(values.recipients),
  Number(values.stops),
  Number(values.seconds),
  Number(values.seed),
]
const limits = { callsPerSecond: 30, maxConcurrentCalls: 200 }
const withinMs = Number(values['within-minutes']) * 60_000
process.stdout.write(`seed ${seed}\n`)

const random = seededRandom(seed)
const rig = await createRig({
  ...limits,
  unknownAfterSeconds: 20,
  seed,
  speed: 20,
  profile: 'default',
  carrier: ['--accept-delay', '0-300', '--answer-delay', '50-500'],
})
try {
  const startedMs = performance.now()
  const servers = [await rig.startServer(), await rig.startServer()]
  const numbers = people(recipients)
  const first = servers[0]
  if (first === undefined) throw new Error('no server')
  const { runId } = await beginByHttp(rig, first, numbers)
  const meanwhile: number[] = []
  for (let times = 0; times < stops; times += 1) {
    const stopped = servers[times % servers.length]
    const wanted = Math.floor((recipients / (stops + 1)) * (times + random() * 0.5))
    await until(`${wanted} calls`, withinMs, async () => (await accepted()) >= wanted)
    await new Promise((next) => setTimeout(next, 500 + random() * 500))
    stopped?.process.kill('SIGSTOP')
    const before = await accepted()
    await new Promise((next) => setTimeout(next, seconds * 1_000))
    meanwhile.push((await accepted()) - before)
    stopped?.process.kill('SIGCONT')
  }
  await until('the run is over', withinMs, () => runEnded(rig, runId))
  const { ledger, findings } = await judge(rig, [{ runId, numbers }], { ...limits, jitterMs: 600 })
  const idle = meanwhile.some((calls, times) => calls === 0 && times < 1)
  const figures = {
    recipients,
    'stopped for': `${stops} × ${seconds} s`,
    'calls made meanwhile': meanwhile.join(', '),
    'calls at the carrier': ledger.length,
    took: `${Math.round((performance.now() - startedMs) / 1_000)} s`,
  }
  report(rig, figures, idle ? [...findings, 'the other server made no call'] : findings)
} finally {
  await rig.close()
}

async function accepted(): Promise<number> {
  return (await ledgerCalls(rig.ledgerPath)).length
}
