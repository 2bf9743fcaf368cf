/**
 * Complete life cycles per second: intent, POST, four signed webhooks durably stored, final state, recipient updated,
 * history. The built server against the carrier of the peers, through the API.
 *
 *   N=100000 DATABASE_URL=postgres://… npx tsx bench/lifecycle.ts
 *
 * Without DATABASE_URL a PostgreSQL of its own is started in a temporary folder. Ends with 1 when the work was not done.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { connect } from '../src/db/sql.ts'
import { silentLog } from '../src/log.ts'
import {
  account,
  cpuSeconds,
  beginBenchCampaign,
  campaignDetails,
  startBenchServer,
  startPeersCarrier,
  until,
} from './server.ts'

const count = Number(process.env['N'] ?? 100_000)
const mostSeconds = Number(process.env['MAX_SECONDS'] ?? 300)
const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silentLog })
const postmaster = Number(
  readFileSync(join(folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0],
)
const sql = connect(postgres.url, { max: 2 })
const carrier = await startPeersCarrier()
const server = await startBenchServer({
  DATABASE_URL: postgres.url,
  SECRET_KEY: 'a-secret-key-for-measuring-only-000000',
  DATA_DIR: folder,
  TWILIO_API_BASE_URL: carrier.url,
  TWILIO_ACCOUNT_SID: account.sid,
  TWILIO_AUTH_TOKEN: account.token,
  CALLER_ID: '+15550000000',
  CALLS_PER_SECOND: '20000',
  MAX_CONCURRENT_CALLS: process.env['OPEN_CALLS'] ?? '1000',
})
try {
  const id = await beginBenchCampaign(server, count, 'A short message.')
  const startedMs = performance.now()
  const parts = { program: server.pid, carrier: carrier.pid, postgres: postmaster }
  const before = Object.values(parts).map(cpuSeconds)
  await until(
    'every call is final',
    mostSeconds,
    async () => (await campaignDetails(server, id)).status === 'Completed',
  )
  const seconds = (performance.now() - startedMs) / 1_000
  const [done] = await sql<{ calls: number; sids: number; numbers: number; entries: number; told: number }[]>`
    select (select count(*)::int from calls where campaign_id = ${id} and state = 'completed') as calls,
           (select count(distinct carrier_sid)::int from calls where campaign_id = ${id}) as sids,
           (select count(*)::int from campaign_numbers where campaign_id = ${id} and status in ('completed', 'hungup')) as numbers,
           (select count(*)::int from call_events) as entries,
           (select coalesce(sum(count), 0)::int from totals where campaign_id = ${id} and subject = 'call' and state = 'completed') as told`
  const checks = {
    'every call completed': done?.calls === count,
    'distinct sids': done?.sids === count,
    'every recipient done': done?.numbers === count,
    'six history rows per call': done?.entries === count * 6,
    'totals agree': done?.told === count,
  }
  const cpu = Object.fromEntries(
    Object.entries(parts).map(([name, pid], index) => [
      name,
      Math.round((cpuSeconds(pid) - (before[index] ?? 0)) * 10) / 10,
    ]),
  )
  const perSecond = Math.round(count / seconds)
  console.log(
    JSON.stringify({
      name: 'trunkline-lifecycle',
      perSecond,
      count,
      seconds: Math.round(seconds * 10) / 10,
      rssMb: server.peakMb(),
      cpuSeconds: cpu,
      checks,
    }),
  )
  if (Object.values(checks).includes(false)) process.exitCode = 1
} finally {
  await server.stop()
  await carrier.stop()
  await sql.end()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}
