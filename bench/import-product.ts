import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createWorkspace } from '../src/accounts/workspace-store.ts'
import { noRules } from '../src/campaigns/campaign-rules.ts'
import { insertCampaign } from '../src/campaigns/campaign-store.ts'
import { importHandler, type ImportState } from '../src/campaigns/import-job.ts'
import { receiveRecipientFile } from '../src/campaigns/recipient-file.ts'
import { migrate } from '../src/db/migrate.ts'
import { createClock } from '../src/db/product-clock.ts'
import { connect, transaction } from '../src/db/sql.ts'
import { JobLoop } from '../src/jobs/job-loop.ts'
import { addJob } from '../src/jobs/job-store.ts'
import { silentLog } from '../src/log.ts'
import type { Figures } from './import.ts'

/** The product's own way: the file is received and checked, then a job reads it into a campaign. */
export async function importByProduct(
  url: string,
  path: string,
  rows: number,
): Promise<Omit<Figures, 'growthMb'>> {
  const sql = connect(url, { max: 5 })
  await migrate(sql)
  const clock = createClock(sql)
  await clock.start()
  const now = clock.now()
  const slug = `bench-${randomBytes(4).toString('hex')}`
  const workspace = await transaction(sql, (tx) => createWorkspace(tx, { name: 'Bench', slug }, now))
  const workspaceId = workspace.id
  const [worker] = await sql<{ id: number }[]>`insert into workers (name) values ('bench') returning id`

  const receivedAt = performance.now()
  const received = await receiveRecipientFile(
    sql,
    createReadStream(path),
    { workspaceId, name: 'recipients.csv', kept: false, createdBy: null, region: 'NP', limit: 2 ** 30 },
    now,
  )
  const uploadMs = Math.round(performance.now() - receivedAt)

  const startedAt = performance.now()
  await transaction(sql, async (tx) => {
    const usableTags = received.layout.tags.filter((tag) => tag !== null)
    const about = {
      name: 'Bench',
      service: 'PHONE' as const,
      description: '',
      userPhone: [],
      rules: noRules,
      createdBy: null,
    }
    const campaign = await insertCampaign(tx, { workspaceId, usableTags, ...about }, now)
    const state: ImportState = {
      uploadId: received.uploadId,
      region: 'NP',
      accepted: 0,
      invalid: 0,
      duplicates: 0,
    }
    const { rows: total, columns } = received.layout
    await addJob(
      tx,
      { workspaceId, kind: 'import', campaignId: campaign.id, total, state, columns, createdBy: null },
      now,
    )
  })
  const loop = new JobLoop({
    sql,
    clock,
    log: silentLog,
    worker: { current: () => worker?.id ?? null, isGone: async () => false },
    handlers: { import: importHandler({ sql, clock }), bulk_calls: async () => 'done' },
  })
  await loop.runOnce()
  const seconds = (performance.now() - startedAt) / 1_000

  const [count] = await sql<{ numbers: number }[]>`
    select count(*) as numbers from campaign_numbers where workspace_id = ${workspaceId}`
  await clock.stop()
  await sql.end()
  return { rowsPerSecond: Math.round(rows / seconds), uploadMs, numbers: count?.numbers ?? 0 }
}
