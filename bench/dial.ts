/**
 * Dials per second: claim, POST, record the id durably. The carrier answers and reports nothing.
 *
 *   npm run build && N=50000 npx tsx bench/dial.ts            beside it: N=50000 node bench/peers/limit-dial.mjs
 */
import { beginBenchCampaign, startBench, until } from './server.ts'

const count = Number(process.env['N'] ?? 50_000)
const bench = await startBench({
  carrier: { NO_CALLBACKS: '1' },
  server: { MAX_CONCURRENT_CALLS: String(count + 1) },
})
const { sql } = bench
const placed = async () => {
  const [row] = await sql<{ count: number }[]>`
    select coalesce(sum(count), 0)::int as count from totals
     where campaign_id = 0 and subject = 'call' and state = 'initiated'`
  return row?.count ?? 0
}
await beginBenchCampaign(bench, count, 'A short message.')
const startedMs = performance.now()
await until('every call is placed', 200, async () => (await placed()) === count)
const seconds = (performance.now() - startedMs) / 1_000
const [done] = await sql<{ sids: number }[]>`select count(distinct carrier_sid)::int as sids from calls`
await bench.finish({
  name: 'trunkline-dial',
  count,
  seconds,
  checks: { 'distinct sids': done?.sids === count },
})
