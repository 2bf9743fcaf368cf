/**
 * Cancels the import of a million rows: as it begins, in its middle, and while a process that took it over from a
 * killed one (kill -9) still reads up to where that one was. It must be over within a second: its process ended, and
 * not a row written after the answer. In the end it is killed twice, goes on, and no row is lost or there twice.
 *
 *   tsx bench/import-cancel.ts            ROWS=1000000
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { cancelJob, findJob } from '../src/jobs/job-store.ts'
import { isOver, type Job } from '../src/jobs/job.ts'
import { silentLog } from '../src/log.ts'
import { importLoop, queueImport, receive, withProduct, type Received, type Tools } from './import-product.ts'
import { writeRecipients } from './recipients-file.ts'

const rows = Number(process.env['ROWS'] ?? 1_000_000)
const mostMs = 1_000

const [databaseUrl, givenWorkspace, givenJob] = process.argv.slice(2)
if (databaseUrl === undefined) await measure()
else await workUntilOver(databaseUrl, { workspaceId: Number(givenWorkspace), id: Number(givenJob) })

type Key = { workspaceId: number; id: number }

/** The child's part: works on jobs until the named one is over. */
async function workUntilOver(url: string, key: Key): Promise<void> {
  await withProduct(url, async (tools) => {
    const loop = await importLoop(tools)
    await loop.start()
    process.send?.('started')
    for (;;) {
      const job = await findJob(tools.sql, key.workspaceId, key.id)
      if (job !== null && isOver(job.status)) break
      await pause(5)
    }
    await loop.stop()
  })
  process.disconnect?.()
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const path = join(folder, 'recipients.csv')
  const expected = await writeRecipients(path, rows)
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log: silentLog })
  try {
    await withProduct(postgres.url, async (tools) => {
      const file = await receive(tools, path)
      const bench = { tools, file, url: postgres.url }
      await cancelAt(bench, { name: 'as it begins', done: 0 })
      await cancelAt(bench, { name: 'in the middle', done: rows * 0.4 })
      await cancelAt(bench, { name: 'while it is taken over', done: rows * 0.4, killedBefore: true })
      await killTwice(bench, expected)
    })
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Bench = { tools: Tools; file: Received; url: string }
type Moment = { name: string; done: number; killedBefore?: boolean }

async function cancelAt({ tools, file, url }: Bench, moment: Moment): Promise<void> {
  const job = await queueImport(tools, file)
  let child = await startChild(url, job)
  await reaches(tools, job, moment.done)
  if (moment.killedBefore) {
    await killed(child)
    child = await startChild(url, job)
    await pause(500)
  }
  const ended = once(child, 'exit').then(() => performance.now())
  const askedAt = performance.now()
  if (!(await cancelJob(tools.sql, job.workspaceId, job.id, tools.clock.now())))
    fail(`${moment.name}: it was over already`)
  const answeredMs = performance.now() - askedAt
  const written = await stored(tools, job)
  const endedMs = (await ended) - askedAt
  console.log(
    `canceled ${moment.name}: answered after ${Math.round(answeredMs)} ms, process ended after ${Math.round(endedMs)} ms, ${written} rows stay`,
  )
  if (endedMs > mostMs) fail(`${moment.name}: its process ended after more than ${mostMs} ms`)
  if ((await stored(tools, job)) !== written) fail(`${moment.name}: rows were written after it was canceled`)
}

async function killTwice({ tools, file, url }: Bench, expected: number): Promise<void> {
  const job = await queueImport(tools, file)
  const startedAt = performance.now()
  for (const share of [0.3, 0.7]) {
    const child = await startChild(url, job)
    await reaches(tools, job, rows * share)
    await killed(child)
  }
  const child = await startChild(url, job)
  const [code] = (await once(child, 'exit')) as [number | null]
  const seconds = (performance.now() - startedAt) / 1_000
  const written = await stored(tools, job)
  console.log(`killed at 30 and 70 %: ${written} of ${expected} numbers after ${seconds.toFixed(1)} s`)
  if (code !== 0 || written !== expected) fail('killed twice: numbers are lost or doubled')
}

async function startChild(url: string, { workspaceId, id }: Job): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), url, String(workspaceId), String(id)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  await once(child, 'message')
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function reaches({ sql }: Tools, { workspaceId, id }: Job, done: number): Promise<void> {
  for (;;) {
    const job = await findJob(sql, workspaceId, id)
    if (job?.status === 'running' && job.done >= done) return
    if (job !== null && isOver(job.status)) throw new Error(`The import ended as ${job.status}: ${job.error}`)
    await pause(5)
  }
}

async function stored({ sql }: Tools, { workspaceId, campaignId }: Job): Promise<number> {
  const [count] = await sql<{ numbers: number }[]>`
    select count(*)::int as numbers from campaign_numbers
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId}`
  return count?.numbers ?? 0
}

function fail(problem: string): void {
  console.error(`FAILED: ${problem}`)
  process.exitCode = 1
}
