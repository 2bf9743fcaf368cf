/**
 * Each fault of the carrier by itself, with a real server and 500 recipients:
 *   npx tsx test/faults/carrier-faults.ts --recipients 500 --seed 1 [--fault reset-after]
 * Build first. One line for each; ends with 1 when any of them has a finding.
 */
import { parseArgs } from 'node:util'
import { NO_FAULTS, type FaultSettings } from '../../simulator/faults.ts'
import { beginByHttp, createRig, judge, people, runEnded, until } from './rig.ts'

const { values } = parseArgs({
  options: {
    recipients: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    fault: { type: 'string' },
    'within-minutes': { type: 'string', default: '4' },
  },
})
const recipients = Number(values.recipients)
const seed = Number(values.seed)
const limits = { callsPerSecond: 100, maxConcurrentCalls: 200 }
process.stdout.write(`seed ${seed}\n`)

const cases: Record<string, Partial<FaultSettings>> = {
  none: {},
  'accept-then-silent': { percent: { 'accept-then-silent': 10 } },
  'reset-after': { percent: { 'reset-after': 10 } },
  'reset-before': { percent: { 'reset-before': 10 } },
  '500-with-acceptance': { percent: { '500-with-acceptance': 10 } },
  '500-without': { percent: { '500-without': 10 } },
  '429': { percent: { '429': 3 }, retryAfterSeconds: [1, 2] },
  'garbage-201': { percent: { 'garbage-201': 20 } },
  'garbage-201 and no webhook': { percent: { 'garbage-201': 20, 'callbacks-lost': 100 } },
  redirect: { percent: { redirect: 5 } },
  'endless-answer': { percent: { 'endless-answer': 5 } },
  'callback-before-answer': { percent: { 'callback-before-answer': 100 } },
  'slow answers': { answerDelayMs: [1_000, 5_000] },
  'callbacks-lost': { percent: { 'callbacks-lost': 100 } },
  'callbacks-doubled': { percent: { 'callbacks-doubled': 100 } },
  'callbacks-shuffled': { percent: { 'callbacks-shuffled': 100 } },
  'callbacks-delayed': { percent: { 'callbacks-delayed': 100 }, callbackDelayMs: [1_000, 10_000] },
  'callbacks-forged': { percent: { 'callbacks-forged': 100 } },
  'the list lags': { percent: { 'reset-after': 20, 'callbacks-lost': 100 }, listLagSeconds: 8 },
}

let failed = false
const chosen = Object.entries(cases).filter(([name]) => values.fault === undefined || values.fault === name)
for (const [index, [name, faults]] of chosen.entries()) {
  const rig = await createRig({
    ...limits,
    unknownAfterSeconds: 12,
    seed: seed + index,
    speed: 20,
    profile: 'default',
    carrier: [],
  })
  try {
    const startedMs = performance.now()
    const server = await rig.startServer()
    await fetch(`${rig.carrierUrl}/simulator/faults`, {
      method: 'PUT',
      body: JSON.stringify({ ...NO_FAULTS, ...faults }),
    })
    const numbers = people(recipients)
    const { runId } = await beginByHttp(rig, server, numbers)
    const withinMs = Number(values['within-minutes']) * 60_000
    const late = await until('the run is over', withinMs, () => runEnded(rig, runId)).then(
      () => [],
      (error: Error) => [error.message],
    )
    const { ledger, findings } = await judge(rig, [{ runId, numbers }], { ...limits, jitterMs: 400 })
    const all = [...late, ...findings]
    const seconds = Math.round((performance.now() - startedMs) / 1_000)
    process.stdout.write(`${name.padEnd(28)} ${ledger.length} calls, ${all.length} findings, ${seconds} s\n`)
    for (const finding of all.slice(0, 10)) process.stdout.write(`  ${finding}\n`)
    failed ||= all.length > 0
  } finally {
    await rig.close()
  }
}
process.exitCode = failed ? 1 : 0
