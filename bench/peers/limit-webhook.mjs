// Status callbacks taken in: form body, signature over it, history, call and recipient durable before the answer.
// "group" commits together what arrived meanwhile, "each" commits every callback alone, as most servers do.
//
//   DATABASE_URL=… N=25000 node limit-webhook.mjs group|each        (N calls, four callbacks each)
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeCallsFile } from './calls-file.mjs'
import { openCallbackWriter } from './callback-writer.mjs'
import { openHistoryWriter } from './history-writer.mjs'
import { openHookServer } from './hook-server.mjs'
import { finish, setDeadline, stopwatch } from './measure.mjs'
import { phoneOf } from './carrier-client.mjs'
import { settings } from './settings.mjs'
import { checkLifecycle, makeLifecycleTables, openDatabase, seedPlacedCalls } from './tables.mjs'

const mode = process.argv[2] ?? 'group'
if (mode !== 'group' && mode !== 'each') throw new Error(`"${mode}" is no way to commit: give group or each`)
const calls = settings.count || 25_000
const pool = openDatabase()
await makeLifecycleTables(pool, calls)
await seedPlacedCalls(pool)
const write =
  mode === 'group' ? (await openHistoryWriter(await pool.connect())).write : openCallbackWriter(pool).write
const hooks = await openHookServer({
  expected: calls * 4,
  commit: (callback, written) => write({ ...callback, written }),
})
const callsFile = join(tmpdir(), `trunkline-hook-load-${process.pid}.tsv`)
await writeCallsFile(
  callsFile,
  callsOf(await pool.query('select id, recipient_id, sid from calls order by id')),
)
setDeadline(() => hooks.totals)

const watch = await stopwatch({ pool, carrierPid: null })
watch.start()
const sent = await runLoad(callsFile)
watch.stop()
await rm(callsFile)

const checks = await checkLifecycle(pool, calls)
checks['no callback forged or failed'] = hooks.totals.forged === 0 && hooks.totals.failed === 0
checks['the load was taken whole'] = sent.checks['every callback was taken'] && sent.count === calls * 4
const { cpuSeconds } = watch.taken()
const load = sent.cpuSeconds
finish({
  name: `limit-webhook ${mode}`,
  count: sent.count,
  // The load signs before it starts its clock, so the time is that of the load; it stands for the carrier.
  taken: {
    seconds: sent.seconds,
    cpuSeconds: { ...cpuSeconds, carrier: load.program, machine: load.machine },
  },
  p50Ms: sent.p50Ms,
  p99Ms: sent.p99Ms,
  checks,
})

function* callsOf({ rows }) {
  for (const { id, recipient_id: recipientId, sid } of rows) {
    yield { url: hooks.urlOf(id), sid, to: phoneOf(Number(recipientId)), from: settings.fromNumber }
  }
}

/** The load in a process of its own; resolves to the line it prints. */
function runLoad(path) {
  const program = fileURLToPath(new URL('hook-load.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      const line = printed.trim().split('\n').at(-1)
      if (line) resolve(JSON.parse(line))
      else reject(new Error('the load ended without its line'))
    })
  })
}
