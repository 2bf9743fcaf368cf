/**
 * Complete life cycles per second: intent, POST, four signed webhooks durably stored, final state, recipient updated,
 * history. The built server against the carrier of the peers, through the API.
 *
 *   npm run build && N=100000 npx tsx bench/lifecycle.ts      beside it: N=100000 node bench/peers/limit-lifecycle.mjs
 */
import { beginBenchCampaign, campaignDetails, startBench, until } from './server.ts'

const count = Number(process.env['N'] ?? 100_000)
const mostSeconds = Number(process.env['MAX_SECONDS'] ?? 300)
const bench = await startBench({ server: { MAX_CONCURRENT_CALLS: process.env['OPEN_CALLS'] ?? '1000' } })
const { server, sql } = bench
const id = await beginBenchCampaign(bench, count, 'A short message.')
const startedMs = performance.now()
await until(
  'every call is final',
  mostSeconds,
  async () => (await campaignDetails(server, id)).status === 'Completed',
)
const seconds = (performance.now() - startedMs) / 1_000
const [done] = await sql<{ calls: number; sids: number; numbers: number; entries: number; told: number }[]>`
  select (select count(*)::int from calls where campaign_id = ${id} and state = 'completed') as calls,
         (select count(distinct carrier_sid)::int from calls where campaign_id = ${id}) as sids,
         (select count(*)::int from campaign_numbers
           where campaign_id = ${id} and status in ('completed', 'hungup')) as numbers,
         (select count(*)::int from call_events e
           where exists (select from calls c where c.id = e.call_id and c.state = 'completed')) as entries,
         (select coalesce(sum(count), 0)::int from totals
           where campaign_id = ${id} and subject = 'call' and state = 'completed') as told`
await bench.finish({
  name: 'trunkline-lifecycle',
  count,
  seconds,
  checks: {
    'every call completed': done?.calls === count,
    'distinct sids': done?.sids === count,
    'every recipient done': done?.numbers === count,
    'six history rows per call': done?.entries === count * 6,
    'totals agree': done?.told === count,
  },
})
