/**
 * The dashboard's answers per second, at 1,000, 10,000 and 100,000 calls, whole and with ?limit=100. Seeds a database (an
 * embedded one, or the throwaway one at DATABASE_URL: its tables are dropped), serves the route from this process, asks
 * from a process of its own, checks that every answer holds every call, and prints JSON. SECONDS: how long each
 * measurement takes (5).
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { boardRoutes } from '../src/calls/board-routes.ts'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { createClock } from '../src/db/product-clock.ts'
import { migrate } from '../src/db/migrate.ts'
import { connect, type Sql } from '../src/db/sql.ts'
import { createShell } from '../src/http/app-shell.ts'
import { authenticateRoutes } from '../src/http/authenticate.ts'
import { createCursors } from '../src/http/paging.ts'
import { silentLog } from '../src/log.ts'
import { printResult } from './result.ts'

const board = '/api/hume-twilio/dashboard/outbound/scheduled/'
const sizes = [1_000, 10_000, 100_000]
const connections = 8
const secondsEach = Number(process.env['SECONDS'] ?? 5)

const manager = {
  userId: null,
  workspaceId: 1,
  role: 'manager' as const,
  agentId: null,
  keyId: null,
  sessionId: null,
  scopes: null,
  isOwner: false,
}

type Order = { url: string; seconds: number }
type Measured = { requests: number; seconds: number; p50Ms: number; p95Ms: number; megabytes: number }

const [order] = process.argv.slice(2)
if (order === undefined) await main()
else await load(JSON.parse(order) as Order)

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const given = process.env['DATABASE_URL']
  const postgres = given
    ? { url: given, stop: async () => {} }
    : await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log: silentLog })
  try {
    const rows = []
    for (const calls of sizes) rows.push(...(await measureSize(postgres.url, calls)))
    console.log(JSON.stringify({ connections, rows }, null, 2))
    const [whole] = rows
    // A board that holds not every call has thrown by now.
    printResult({
      name: 'trunkline-dashboard',
      perSecond: whole?.perSecond ?? 0,
      rssMb: Math.max(...rows.map((row) => row.rssMegabytes)),
      count: rows.reduce((sum, row) => sum + row.requests, 0),
      beside: [],
      checks: { 'every answer held every call': rows.length === sizes.length * 2 },
    })
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureSize(url: string, calls: number) {
  const sql = connect(url, { max: connections })
  await seed(sql, calls)
  const clock = createClock(sql)
  await clock.start()
  const app = await createShell({
    log: silentLog,
    trustedProxies: [],
    publicUrl: null,
    mayReadAnswers: async () => false,
  })
  authenticateRoutes(app, async () => manager, null)
  await boardRoutes(app, { sql, clock, cursors: createCursors(Buffer.alloc(32)), publicUrl: null })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const rows = []
  for (const query of ['', '?limit=100']) {
    await requireEveryCall(`${origin}${board}${query}`, calls)
    const measured = await measure({ url: `${origin}${board}${query}`, seconds: secondsEach })
    const perSecond = Math.round((measured.requests / measured.seconds) * 10) / 10
    rows.push({
      calls,
      query,
      perSecond,
      ...measured,
      rssMegabytes: Math.round(process.memoryUsage.rss() / 1e6),
    })
  }
  await app.close()
  await clock.stop()
  await sql.end({ timeout: 1 })
  return rows
}

/** The shares of the peers' seed: a tenth waits, a fiftieth talks, seven tenths are completed. One in twenty has no agent. */
async function seed(sql: Sql, calls: number): Promise<void> {
  await sql.unsafe('drop schema public cascade; create schema public')
  await migrate(sql)
  await sql`insert into carrier_accounts (account_sid, calls_per_second, max_concurrent_calls) values ('AC', 1, 1)`
  await sql`insert into workers (name) values ('bench')`
  await sql`insert into workspaces (id, slug, name) values (1, 'bench', 'Bench')`
  await sql`
      insert into agents (workspace_id, id, name)
      select 1, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Agent ' || n
        from generate_series(0, 19) n`
  await sql`
      insert into calls (workspace_id, id, carrier_account_id, agent_id, to_number, from_number, customer_name, state,
                         carrier_sid, owner, due_at, created_at, started_at, ended_at, duration)
      select 1,
             (lpad(to_hex(1760000000000 + n * 1000), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
              || substr(md5(n::text), 4, 15))::uuid,
             1, case when n % 20 > 0 then ('00000000-0000-4000-8000-' || lpad((n % 20)::text, 12, '0'))::uuid end,
             '+1' || '212' || lpad(n::text, 7, '0'), '+18005550100', 'Customer Name ' || n, state,
             case when state <> 'queued' then 'CA' || md5(n::text) end,
             case when state <> 'queued' then 1 end, at, at, case when talks then at + interval '5 seconds' end,
             case when state not in ('queued', 'in_progress') then at + interval '1 minute' end,
             case when state = 'completed' then n % 600 else 0 end
        from generate_series(1, ${calls}::int) n
       cross join lateral (
         select case when n % 100 < 10 then 'queued' when n % 100 < 12 then 'in_progress' when n % 100 < 82 then 'completed'
                     when n % 100 < 88 then 'failed' when n % 100 < 95 then 'no_answer' else 'busy' end as state) s
       cross join lateral (select to_timestamp(1760000000 + n) as at, state in ('in_progress', 'completed') as talks) t`
  await sql`
    insert into totals (workspace_id, campaign_id, subject, state, count)
    select workspace_id, 0, 'call', state, count(*) from calls group by workspace_id, state`
  await sql`vacuum analyze`
}

/** The work was done: the summary, and without a limit the list itself, hold every call once. */
async function requireEveryCall(url: string, calls: number): Promise<void> {
  const answer = await fetch(url, { headers: { authorization: 'Bearer bench' } })
  const body = (await answer.json()) as {
    calls: Record<string, { call_id: string }[]>
    summary: Record<string, number>
  }
  const counted = Object.values(body.summary).reduce((sum, count) => sum + count, 0)
  const listed = Object.values(body.calls).flat()
  const distinct = new Set(listed.map((call) => call.call_id)).size
  if (counted !== calls || distinct !== listed.length || (!url.includes('limit') && distinct !== calls)) {
    throw new Error(`${url} answered ${distinct} calls and counted ${counted} of ${calls}`)
  }
}

function measure(wanted: Order): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const asker = fork(fileURLToPath(import.meta.url), [JSON.stringify(wanted)])
    asker.once('message', (measured) => resolve(measured as Measured))
    asker.once('error', reject)
    asker.once('exit', (code) => reject(new Error(`the asking process ended with ${code}`)))
  })
}

async function load({ url, seconds }: Order): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  let bytes = 0
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const sent = performance.now()
      const asked = request(url, { agent, headers: { authorization: 'Bearer bench' } }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`))
        answer.on('data', (part: Buffer) => (bytes += part.length))
        answer.on('error', reject)
        answer.on('end', () => {
          times.push(performance.now() - sent)
          resolve()
        })
      })
      asked.on('error', reject)
      asked.end()
    })
  const until = async (end: number) => {
    while (performance.now() < end) await ask()
  }
  const all = (end: number) => Promise.all(Array.from({ length: connections }, () => until(end)))
  await all(performance.now() + 1_000)
  times.length = 0
  bytes = 0
  const begun = performance.now()
  await all(begun + seconds * 1_000)
  const took = (performance.now() - begun) / 1_000
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10
  const measured: Measured = {
    requests: times.length,
    seconds: Math.round(took * 100) / 100,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    megabytes: Math.round(bytes / 1e6),
  }
  process.send?.(measured)
  agent.destroy()
}
