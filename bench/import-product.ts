import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createWorkspace } from '../src/accounts/workspace-store.ts'
import { noRules } from '../src/campaigns/campaign-rules.ts'
import { insertCampaign } from '../src/campaigns/campaign-store.ts'
import { importHandler, type ImportState } from '../src/campaigns/import-job.ts'
import { receiveRecipientFile, type ReceivedFile } from '../src/campaigns/recipient-file.ts'
import type { Clock } from '../src/clock.ts'
import { migrate } from '../src/db/migrate.ts'
import { createClock } from '../src/db/product-clock.ts'
import { connect, transaction, type Sql } from '../src/db/sql.ts'
import { JobLoop } from '../src/jobs/job-loop.ts'
import { addJob } from '../src/jobs/job-store.ts'
import { silentLog } from '../src/log.ts'
import type { Imported } from './import.ts'

/** The product's own way: the file is received and checked, then a job reads it into a campaign. */
export async function importByProduct(url: string, path: string): Promise<Imported> {
  return withProduct(url, async (tools) => {
    const receivedAt = performance.now()
    const received = await receive(tools, path)
    const startedAt = performance.now()
    await queueImport(tools, received)
    const loop = await importLoop(tools)
    await loop.runOnce()
    const endedAt = performance.now()
    const { workspaceId } = received
    const [count] = await tools.sql<{ numbers: number }[]>`
      select count(*) as numbers from campaign_numbers where workspace_id = ${workspaceId}`
    return {
      seconds: (endedAt - receivedAt) / 1_000,
      receivedMs: Math.round(startedAt - receivedAt),
      numbers: count?.numbers ?? 0,
    }
  })
}

export type Tools = { sql: Sql; clock: Clock }
export type Received = ReceivedFile & { workspaceId: number }

export async function withProduct<Result>(
  url: string,
  work: (tools: Tools) => Promise<Result>,
): Promise<Result> {
  const sql = connect(url, { max: 5 })
  await migrate(sql)
  const clock = createClock(sql)
  await clock.start()
  try {
    return await work({ sql, clock })
  } finally {
    await clock.stop()
    await sql.end()
  }
}

/** Receives a file into a workspace of its own. */
export async function receive({ sql, clock }: Tools, path: string): Promise<Received> {
  const now = clock.now()
  const slug = `bench-${randomBytes(4).toString('hex')}`
  const { id: workspaceId } = await transaction(sql, (tx) =>
    createWorkspace(tx, { name: 'Bench', slug }, now),
  )
  const name = path.slice(path.lastIndexOf('/') + 1)
  const file = { workspaceId, name, kept: true, createdBy: null, region: 'NP', limit: 2 ** 30 }
  return { workspaceId, ...(await receiveRecipientFile(sql, createReadStream(path), file, now)) }
}

/** Makes a campaign of a received file; its job waits. */
export async function queueImport({ sql, clock }: Tools, { workspaceId, uploadId, layout }: Received) {
  const now = clock.now()
  return transaction(sql, async (tx) => {
    const about = {
      name: 'Bench',
      service: 'PHONE' as const,
      description: '',
      userPhone: [],
      rules: noRules,
      createdBy: null,
    }
    const usableTags = layout.tags.filter((tag) => tag !== null)
    const campaign = await insertCampaign(tx, { workspaceId, usableTags, ...about }, now)
    const state: ImportState = { uploadId, region: 'NP', accepted: 0, invalid: 0, duplicates: 0 }
    const { rows: total, columns } = layout
    const waiting = { kind: 'import' as const, campaignId: campaign.id, total, state, columns }
    return addJob(tx, { workspaceId, ...waiting, createdBy: null }, now)
  })
}

/** A loop with a worker of its own; every other one is taken for gone. */
export async function importLoop({ sql, clock }: Tools): Promise<JobLoop> {
  const [worker] = await sql<{ id: number }[]>`insert into workers (name) values ('bench') returning id`
  const own = worker?.id ?? 0
  return new JobLoop({
    sql,
    clock,
    log: silentLog,
    worker: { current: () => own, isGone: async (id) => id !== own },
    handlers: { import: importHandler({ sql, clock }), bulk_calls: async () => 'done' },
    lanes: 1,
  })
}
