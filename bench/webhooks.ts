/**
 * Webhooks per second: form body, signature checked, durable and applied before 204, over 128 connections.
 *
 *   npm run build && N=25000 npx tsx bench/webhooks.ts        beside it: N=25000 node bench/peers/limit-webhook.mjs group
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createReferences } from '../src/calls/call-reference.ts'
import { uuidV7 } from '../src/random.ts'
import { account, startBench } from './server.ts'
import { column } from '../src/db/sql.ts'

const calls = Number(process.env['N'] ?? 25_000)
const bench = await startBench({ server: { MAX_CONCURRENT_CALLS: '1' } })
const { server, sql } = bench
const references = createReferences(bench.secretKey)
const made = Array.from({ length: calls }, (_, index) => ({
  id: uuidV7(Date.now()),
  sid: `CA${index.toString(16).padStart(32, '0')}`,
  to: `+1${2_125_550_000 + index}`,
}))
const from = '+15550000000'
const [workspace] = await sql<{ id: number }[]>`select id from workspaces limit 1`
const workspaceId = workspace?.id ?? 0
// Calls as the engine leaves them once the carrier took them; nobody looks after them during the measurement.
await sql`
  insert into calls (workspace_id, id, carrier_account_id, to_number, from_number, state, owner, carrier_sid, created_at,
                     intended_at, reported_at, entries)
  select ${workspaceId}, id, (select id from carrier_accounts), number, ${from}, 'initiated', (select max(id) from workers),
         sid, now(), now(), now() + interval '1 hour', 2
    from unnest(${column(made, (call) => call.id)}::uuid[], ${column(made, (call) => call.to)}::text[],
                ${column(made, (call) => call.sid)}::text[]) as v (id, number, sid)`
await sql`insert into totals values (${workspaceId}, 0, 'call', 'initiated', ${calls})`
await sql`analyze calls`
const folder = mkdtempSync(join(tmpdir(), 'trunkline-hooks-'))
const file = join(folder, 'calls.tsv')
const line = (call: (typeof made)[number]) => {
  const url = `${server.url}/hooks/voice/${references.encode({ workspaceId, callId: call.id })}/status`
  return [url, call.sid, call.to, from].join('\t')
}
writeFileSync(file, `${made.map(line).join('\n')}\n`)
const load = spawn(process.execPath, [resolve(import.meta.dirname, 'peers/hook-load.mjs'), file], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, AUTH_TOKEN: account.token, ACCOUNT_SID: account.sid, CONNECTIONS: '128' },
})
let printed = ''
load.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
await once(load, 'exit')
rmSync(folder, { recursive: true, force: true })
const told = JSON.parse(printed.trim().split('\n').at(-1) ?? '{}') as { seconds?: number }
process.stderr.write(`${printed.trim().split('\n').at(-1) ?? ''}\n`)
const [done] = await sql<
  { completed: number }[]
>`select count(*)::int as completed from calls where state = 'completed'`
await bench.finish({
  name: 'trunkline-webhooks',
  count: calls * 4,
  seconds: told.seconds ?? 0,
  checks: { 'every call completed': done?.completed === calls },
})
