import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { findSettings } from '../accounts/workspace-store.ts'
import type { VoiceOptions } from '../calls/voice-options.ts'
import { type Sql, type Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { managers, principalOf, type IncomingFile } from '../http/principal.ts'
import { isOver, type Job } from '../jobs/job.ts'
import { addJob, findJob, listJobProblems } from '../jobs/job-store.ts'
import { askCallerIds, readUserPhone, type CampaignDeps } from './campaign-deps.ts'
import { campaignChanged } from './campaign-events.ts'
import { noRules, readRules, type CampaignRules } from './campaign-rules.ts'
import { campaignName, campaignService, requireName, rulesMembers, userPhone } from './campaign-routes.ts'
import { insertCampaign, numberTotal, numberTotals, type Campaign } from './campaign-store.ts'
import { toDetailsWire, toImportWire, toRejectedWire } from './campaign-wire.ts'
import { readState, type ImportState } from './import-job.ts'
import { numberColumnMember, readNumberColumn } from './number-column-input.ts'
import { receiveRecipientFile, type ReceivedFile } from './recipient-file.ts'
import { mergeDuplicates, readRecipient, withNumberColumn } from './recipient-import.ts'
import { insertRecipients } from './recipient-store.ts'
import { readVoiceOptions, voiceOptionMembers } from './voice-options-input.ts'
import { findVoiceOptions, saveVoiceOptions } from './voice-options-store.ts'
import { findUpload, findUploadByName, removeUpload, type Upload } from './upload-store.ts'

/** Programs send what they leave out as null, too. */
function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Optional(Type.Union([schema, Type.Null()]))
}

const Create = Type.Object({
  name: campaignName,
  services: campaignService,
  description: orNull(Type.String({ maxLength: 5_000 })),
  individual_number: orNull(
    Type.Array(Type.Union([Type.Number(), Type.String()]), {
      maxItems: 100_000,
      description: 'Phone numbers',
    }),
  ),
  send_to_number_file: orNull(
    Type.String({
      maxLength: 500,
      description: 'A CSV in a multipart body; else the name or id of a file uploaded before',
    }),
  ),
  number_column: numberColumnMember,
  user_phone: orNull(userPhone),
  ...voiceOptionMembers,
  ...rulesMembers,
})
type CreateBody = Static<typeof Create>

const mostRejected = 100

/** Making a campaign from a list of numbers or from a file of recipients. */
export async function createRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql } = deps
  app.route({
    method: 'POST',
    url: '/api/system/campaigns/',
    config: {
      allow: managers,
      receiveFile: (file: IncomingFile, request: FastifyRequest) => receive(file, request, deps),
      success: 201,
    },
    schema: {
      tags: ['campaigns'],
      summary: 'Make a campaign',
      description: 'Waits up to 10 s for the import of a file; `import` tells how it goes on after that.',
      consumes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
      body: Create,
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const received = receivedFile(request)
      const plan = await readPlan(request, received, deps)
      const made = await idempotent(request, reply, sql, async (tx) => ({
        status: 201,
        body: await makeCampaign(tx, plan, deps),
      }))
      // A repeated request brought its file again; the first one is in use already.
      if (received !== null && made.uploadId !== received.uploadId)
        await removeUpload(sql, workspaceId, received.uploadId)
      const details = await detailsOf(sql, made, deps.importWaitMs ?? 10_000)
      return envelope({ details }, 'Campaign Created Successfully', 201)
    },
  })
}

type Plan = {
  workspaceId: number
  createdBy: string | null
  name: string
  service: 'PHONE' | 'SMS'
  description: string
  userPhone: string[]
  rules: CampaignRules
  region: string
  individual: string[]
  file: Upload | null
  /** Of the file, when it is another than the one that was found. */
  numberColumn: number | null
  voiceOptions: Partial<VoiceOptions>
}

/** What a repeated request must find again: it is kept with the Idempotency-Key. */
type Made = {
  campaign: Omit<Campaign, 'createdAt'> & { createdAt: string }
  jobId: number | null
  uploadId: number | null
  counts: { accepted: number; duplicates: number; rejected_count: number }
  rejected: ReturnType<typeof toRejectedWire>[]
}

async function receive(file: IncomingFile, request: FastifyRequest, deps: CampaignDeps): Promise<unknown> {
  if (file.field !== 'send_to_number_file') {
    file.stream.resume()
    return null
  }
  const { workspaceId, userId } = principalOf(request)
  const { defaultRegion: region } = await findSettings(deps.sql, workspaceId)
  const upload = {
    workspaceId,
    name: file.filename,
    kept: false,
    createdBy: userId,
    region,
    limit: deps.uploadLimit,
  }
  return receiveRecipientFile(deps.sql, file.stream, upload, deps.clock.now())
}

/** Only `receive` puts something there. */
function receivedFile(request: FastifyRequest): ReceivedFile | null {
  return (request.received?.get('send_to_number_file') as ReceivedFile | undefined) ?? null
}

async function readPlan(
  request: FastifyRequest<{ Body: CreateBody }>,
  received: ReceivedFile | null,
  deps: CampaignDeps,
): Promise<Plan> {
  const { workspaceId, userId } = principalOf(request)
  const { body } = request
  const individual = (body.individual_number ?? [])
    .flatMap((number) => (typeof number === 'number' ? [String(number)] : number.split(/[,;\n]/)))
    .map((number) => number.trim())
    .filter((number) => number !== '')
  const file = await findFile(deps.sql, workspaceId, received, body.send_to_number_file)
  if (individual.length === 0 && file === null) {
    throw new AppError(
      'invalid',
      'missing_field',
      'individual_number (a list) or send_to_number_file (a CSV) is required.',
      { param: 'individual_number' },
    )
  }
  const numberColumn = file === null ? null : readNumberColumn(body.number_column, file.layout)
  const { defaultRegion: region } = await findSettings(deps.sql, workspaceId)
  const phones = body.user_phone ?? []
  return {
    workspaceId,
    createdBy: userId,
    name: requireName(body.name),
    service: body.services,
    description: body.description ?? '',
    userPhone:
      phones.length === 0 ? [] : readUserPhone(phones, await askCallerIds(deps, workspaceId), region),
    rules: { ...noRules, ...readRules(body) },
    region,
    individual,
    file,
    numberColumn,
    voiceOptions: readVoiceOptions(body, {
      service: body.services,
      defaultRegion: region,
      carrierIsLive: deps.carrierIsLive,
    }),
  }
}

async function findFile(
  sql: Sql,
  workspaceId: number,
  received: ReceivedFile | null,
  named: string | null | undefined,
): Promise<Upload | null> {
  if (received !== null) return findUpload(sql, workspaceId, received.uploadId)
  const name = named?.trim() ?? ''
  if (name === '') return null
  const byId = /^\d{1,15}$/.test(name) ? await findUpload(sql, workspaceId, Number(name)) : null
  const upload = byId ?? (await findUploadByName(sql, workspaceId, name))
  if (upload?.kept) return upload
  throw new AppError(
    'invalid',
    'unknown_file',
    `send_to_number_file names no file uploaded before: "${name.slice(0, 60)}". Upload it with POST /api/system/files/, or send it in a multipart body.`,
    { param: 'send_to_number_file' },
  )
}

async function makeCampaign(tx: Tx, plan: Plan, deps: CampaignDeps): Promise<Made> {
  const now = deps.clock.now()
  const { workspaceId, file, numberColumn } = plan
  const layout = file === null ? null : withNumberColumn(file.layout, numberColumn)
  const usableTags = (layout?.tags ?? []).filter((tag) => tag !== null)
  const campaign = await insertCampaign(tx, { ...plan, usableTags }, now)
  await saveVoiceOptions(tx, campaign, plan.voiceOptions)
  const read = plan.individual.map((given) => readRecipient(given, plan.region))
  const recipients = mergeDuplicates(read)
  const inserted = await insertRecipients(tx, { workspaceId, campaignId: campaign.id }, recipients, now)
  const job = file === null ? null : await addImport(tx, { plan, campaign, upload: file }, now)
  const refused = read.flatMap((recipient, index) =>
    recipient.reason === null ? [] : [toRejectedWire(index + 1, recipient.given, recipient.reason)],
  )
  const totals = [
    ...numberTotal(campaign.id, 'not_started', inserted.accepted),
    ...numberTotal(campaign.id, 'invalid', inserted.invalid),
  ]
  await closeBatch(tx, { now, workspaces: [{ ...campaignChanged(campaign, null), totals }] })
  return {
    campaign: { ...campaign, createdAt: campaign.createdAt.toISOString() },
    jobId: job?.id ?? null,
    uploadId: file?.id ?? null,
    counts: {
      accepted: inserted.accepted,
      duplicates: read.length - recipients.length,
      rejected_count: refused.length,
    },
    rejected: refused.slice(0, mostRejected),
  }
}

async function addImport(
  tx: Tx,
  from: { plan: Plan; campaign: Campaign; upload: Upload },
  now: Date,
): Promise<Job> {
  const { plan, campaign, upload } = from
  const state: ImportState = {
    uploadId: upload.id,
    region: plan.region,
    numberColumn: plan.numberColumn,
    accepted: 0,
    invalid: 0,
    duplicates: 0,
  }
  const { workspaceId, createdBy } = plan
  const { rows: total, columns } = upload.layout
  return addJob(
    tx,
    { workspaceId, kind: 'import', campaignId: campaign.id, total, state, columns, createdBy },
    now,
  )
}

/** The answer: with final counts when the import ends in time. */
async function detailsOf(sql: Sql, made: Made, waitMs: number) {
  const { workspaceId } = made.campaign
  const job = made.jobId === null ? null : await waitForJob(sql, { workspaceId, id: made.jobId }, waitMs)
  const problems = job === null ? [] : await listJobProblems(sql, job, { after: 0, limit: mostRejected })
  const rejected = problems.map((problem) => toRejectedWire(problem.row, problem.given, problem.error))
  const { counts } = made
  const state = job === null ? { accepted: 0, invalid: 0, duplicates: 0 } : readState(job)
  const campaign = { ...made.campaign, createdAt: new Date(made.campaign.createdAt) }
  const totals = await numberTotals(sql, workspaceId, campaign.id)
  return {
    ...toDetailsWire(campaign, {
      voiceOptions: await findVoiceOptions(sql, campaign),
      run: null,
      totals,
      job,
    }),
    accepted: counts.accepted + state.accepted,
    duplicates: counts.duplicates + state.duplicates,
    rejected_count: counts.rejected_count + state.invalid,
    rejected: [...made.rejected, ...rejected].slice(0, mostRejected),
    ...(job === null ? {} : { import: toImportWire(job) }),
  }
}

/** Looks again and again until the job is over or the time is up: it may run in another process. */
async function waitForJob(
  sql: Sql,
  key: { workspaceId: number; id: number },
  waitMs: number,
): Promise<Job | null> {
  const deadline = performance.now() + waitMs
  for (let pauseMs = 20; ; pauseMs = Math.min(200, pauseMs * 1.5)) {
    const job = await findJob(sql, key.workspaceId, key.id)
    if (job === null || isOver(job.status) || performance.now() + pauseMs > deadline) return job
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
