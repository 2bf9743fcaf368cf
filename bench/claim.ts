/**
 * Claims from a long list: 500 numbers at a time are taken up by a run, until none is left, so that ever more done ones
 * lie behind. Ours are the product's own statements (the run with its watermark, its fresh numbers, what becomes of them,
 * how far it got), one transaction a claim; beside them, on the same table, the least that does it (one statement, the
 * watermark in memory) and the scan that everybody writes first (`order by id … skip locked` without a watermark).
 *
 *   npx tsx bench/claim.ts            ROWS=1000000 ROUNDS=3
 *
 * The plain scan is stopped after PLAIN_SECONDS (15). `last tenth` is the speed at the end, as a share of the start.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { migrate } from '../src/db/migrate.ts'
import { connect, transaction, type Sql, type Tx } from '../src/db/sql.ts'
import { freshNumbers, runningRuns, saveTurns } from '../src/dialer/claim-store.ts'
import { moveNumbers } from '../src/dialer/intent-store.ts'
import { silentLog } from '../src/log.ts'
import { middle, percent, printResult, type Side } from './result.ts'

const rows = Number(process.env['ROWS'] ?? 1_000_000)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const plainSeconds = Number(process.env['PLAIN_SECONDS'] ?? 15)
const batch = 500
const wantedPerSecond = 60_000

/** Takes up to `batch` numbers; gives their ids. */
type Claim = (tx: Tx) => Promise<number[]>
type Measured = Side & { flat: number; taken: number; distinct: number; stored: number }

const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silentLog })
const sql = connect(postgres.url, { max: 2 })
try {
  await migrate(sql)
  const sides: Record<string, Measured[]> = { ours: [], limit: [], plain: [] }
  for (let round = 1; round <= rounds; round++) {
    for (const name of ['limit', 'ours', 'plain'] as const) {
      const measured = await measure(name)
      sides[name]?.push(measured)
      console.log(
        `round ${round}: ${name} ${measured.perSecond} numbers/s, last tenth ${percent(measured.flat, 1)} of the first`,
      )
    }
  }
  const [ours, limit, plain] = [sides['ours'], sides['limit'], sides['plain']].map((one) => middle(one ?? []))
  if (ours === undefined || limit === undefined || plain === undefined)
    throw new Error('Nothing was measured')
  console.log(
    `claim of ${rows}: ours ${ours.perSecond}/s (wanted: ${wantedPerSecond}), last tenth ${percent(ours.flat, 1)}; ` +
      `limit ${limit.perSecond}/s; plain scan ${plain.perSecond}/s`,
  )
  printResult({
    ...side('trunkline-claim', ours),
    count: rows,
    beside: [side('limit', limit), side('plain scan', plain)],
    checks: {
      'every number was taken up, each once': [ours, limit].every(
        ({ taken, distinct, stored }) => taken === rows && distinct === rows && stored === rows,
      ),
      'the plain scan took none twice': plain.distinct === plain.taken && plain.stored === plain.taken,
    },
  })
} finally {
  await sql.end()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}

function side(name: string, { perSecond }: Measured): Side {
  return { name, perSecond }
}

async function measure(name: 'ours' | 'limit' | 'plain'): Promise<Measured> {
  const place = await fill(sql)
  const claim = name === 'ours' ? oursClaim : name === 'limit' ? limitClaim(place) : plainClaim(place)
  const seen = new Set<number>()
  const times: number[] = []
  const deadline = name === 'plain' ? performance.now() + plainSeconds * 1_000 : Infinity
  const startedAt = performance.now()
  let taken = 0
  for (;;) {
    const begunAt = performance.now()
    const ids = await transaction(sql, claim)
    if (ids.length === 0) break
    times.push(performance.now() - begunAt)
    taken += ids.length
    for (const id of ids) seen.add(id)
    if (performance.now() > deadline) break
  }
  const seconds = (performance.now() - startedAt) / 1_000
  const [done] = await sql<{ stored: number }[]>`
    select count(*)::int as stored from campaign_numbers where status = 'calling' and run_id = ${place.runId}`
  const tenth = Math.max(1, Math.floor(times.length / 10))
  return {
    name,
    perSecond: Math.round(taken / seconds),
    flat: sum(times.slice(0, tenth)) / sum(times.slice(-tenth)),
    taken,
    distinct: seen.size,
    stored: done?.stored ?? 0,
  }
}

type Place = { workspaceId: number; campaignId: number; runId: number }

/** A campaign with a running run, all of its numbers fresh; whatever was there before is gone. */
async function fill(to: Sql): Promise<Place> {
  await to`truncate workspaces cascade`
  const [workspace] = await to<{ id: number }[]>`
    insert into workspaces (slug, name) values ('bench', 'Bench') returning id`
  const workspaceId = workspace?.id ?? 0
  const [campaign] = await to<{ id: number }[]>`
    insert into campaigns (workspace_id, name, service, created_at, updated_at)
    values (${workspaceId}, 'Bench', 'PHONE', now(), now()) returning id`
  const campaignId = campaign?.id ?? 0
  const [run] = await to<{ id: number }[]>`
    insert into runs (workspace_id, campaign_id, ordinal, state, message, priority, spoken_by, from_numbers, statuses,
                      created_at, started_at)
    values (${workspaceId}, ${campaignId}, 1, 'running', 'Hello', 'message', 'carrier', '{+12125550100}',
            '{not_started}', now(), now())
    returning id`
  await to`
    insert into campaign_numbers (workspace_id, campaign_id, given, digits, e164, grade, time_zone, tags, created_at)
    select ${workspaceId}, ${campaignId}, n::text, n::text, '+977' || n, 'valid', 'Asia/Kathmandu',
           jsonb_build_object('tags_name', 'Customer ' || n, 'tags_age', n % 60), now()
      from generate_series(9840000000, 9840000000 + ${rows - 1}::bigint) n`
  await to`vacuum analyze campaign_numbers`
  await to`checkpoint`
  return { workspaceId, campaignId, runId: run?.id ?? 0 }
}

async function oursClaim(tx: Tx): Promise<number[]> {
  const [run] = await runningRuns(tx, { service: 'PHONE', limit: 50 })
  if (run === undefined) throw new Error('There is no running run')
  const numbers = await freshNumbers(tx, run, batch)
  const last = numbers.at(-1)
  if (last === undefined) return []
  const { workspaceId, campaignId, id: runId } = run
  const taken = { workspaceId, campaignId, runId, status: 'calling' as const, reason: null, dueAt: null }
  await moveNumbers(
    tx,
    numbers.map(({ id, status }) => ({ ...taken, id, was: status })),
  )
  await saveTurns(tx, [{ workspaceId, runId, watermark: last.id }], new Date())
  return numbers.map(({ id }) => id)
}

function limitClaim({ workspaceId, campaignId, runId }: Place): Claim {
  let watermark = 0
  return async (tx) => {
    const taken = await tx<{ id: number }[]>`
      update campaign_numbers set status = 'calling', run_id = ${runId}
       where workspace_id = ${workspaceId} and id = any(array(
         select id from campaign_numbers
          where workspace_id = ${workspaceId} and campaign_id = ${campaignId} and status = 'not_started'
            and id > ${watermark}
          order by id
          limit ${batch}
            for update skip locked))
      returning id, e164, time_zone, tags`
    watermark = Math.max(watermark, ...taken.map(({ id }) => id))
    return taken.map(({ id }) => id)
  }
}

function plainClaim({ workspaceId, campaignId, runId }: Place): Claim {
  return async (tx) => {
    const taken = await tx<{ id: number }[]>`
      update campaign_numbers set status = 'calling', run_id = ${runId}
       where workspace_id = ${workspaceId} and id = any(array(
         select id from campaign_numbers
          where workspace_id = ${workspaceId} and campaign_id = ${campaignId} and status = 'not_started'
          order by id
          limit ${batch}
            for update skip locked))
      returning id, e164, time_zone, tags`
    return taken.map(({ id }) => id)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}
