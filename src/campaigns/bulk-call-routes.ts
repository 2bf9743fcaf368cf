import { Type, type Static } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { findSettings } from '../accounts/workspace-store.ts'
import { readFrom } from '../calls/caller-choice.ts'
import { requireCallingHours } from '../calls/new-call.ts'
import { agentFor } from '../calls/new-call-routes.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, staff, type IncomingFile } from '../http/principal.ts'
import { addJob } from '../jobs/job-store.ts'
import { rowsAsCsv } from './bulk-calls.ts'
import type { BulkState } from './bulk-calls-job.ts'
import { askCallerIds, type CampaignDeps } from './campaign-deps.ts'
import { receiveRecipientFile, type ReceivedFile } from './recipient-file.ts'
import { removeUpload } from './upload-store.ts'

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]))
const Options = Type.Object({
  calls: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 100_000 })),
  from_number: optionalText,
  agent_id: Type.Optional(Type.Union([Type.String({ format: 'uuid' }), Type.Null()])),
  message: Type.Optional(Type.Union([Type.String({ maxLength: 4_000 }), Type.Null()])),
  voice_input: optionalText,
})
const Body = Type.Union([Type.Array(Type.Unknown(), { maxItems: 100_000 }), Options])
type Options = Static<typeof Options>

const Accepted = Type.Object({
  id: Type.Integer(),
  status: Type.String(),
  total: Type.Union([Type.Integer(), Type.Null()]),
  done: Type.Integer(),
  errors: Type.Array(Type.Never()),
  job: Type.Object({ id: Type.Integer(), status: Type.String() }),
})

/** Many single calls at once. */
export async function bulkCallRoutes(app: App, deps: CampaignDeps): Promise<void> {
  app.route({
    method: 'POST',
    url: '/api/calls/bulk/',
    config: {
      allow: staff,
      receiveFile: (file: IncomingFile, request: FastifyRequest) => receive(request, deps, file),
    },
    schema: {
      tags: ['calls'],
      summary: 'Call everybody on a list',
      description:
        'A JSON array, or a CSV or workbook in a part of a multipart body: `phone_number`, `customer_name`, `notes`, and `message` when rows say their own. Rows that are wrong are told by the job; the others are called.',
      consumes: ['application/json', 'multipart/form-data'],
      body: Body,
      response: { 202: Accepted },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const { workspaceId } = principal
      const settings = await findSettings(deps.sql, workspaceId)
      requireCallingHours({ carrierIsLive: deps.carrierIsLive, callingHours: settings.callingHours })
      const options: Options = Array.isArray(request.body) ? { calls: request.body } : request.body
      const callerIds = await askCallerIds(deps, workspaceId)
      const from = readFrom(options.from_number || null, { callerIds, defaultRegion: settings.defaultRegion })
      const { isJson, ...file } = await listOf(request, options, deps)
      const made = await idempotent(request, reply, deps.sql, async (tx) => {
        const agentId = await agentFor(tx, principal, options.agent_id?.toLowerCase() ?? null)
        const { uploadId } = file
        const said = { message: options.message || null, voice: options.voice_input || null }
        const state: BulkState = { uploadId, isJson, from, agentId, ...said, made: 0 }
        const list = { total: file.layout.rows, columns: file.layout.columns, campaignId: null }
        const job = { workspaceId, kind: 'bulk_calls' as const, state, createdBy: principal.userId, ...list }
        const { id, status, total, done } = await addJob(tx, job, deps.clock.now())
        return { status: 202, body: { uploadId, id, status, total, done } }
      })
      // A repeated request brought its list again; the first one is in use already.
      if (made.uploadId !== file.uploadId) await removeUpload(deps.sql, workspaceId, file.uploadId)
      const { id, status, total, done } = made
      return { id, status, total, done, errors: [], job: { id, status } }
    },
  })
}

async function listOf(request: FastifyRequest, options: Options, deps: CampaignDeps) {
  const received = [...(request.received?.values() ?? [])].find((file) => file !== null)
  // Only `receive` puts something there.
  if (received !== undefined) return { ...(received as ReceivedFile), isJson: false }
  if (options.calls === undefined || options.calls.length === 0) {
    const sentence =
      'The list is empty. Send a JSON array of calls, or a CSV or workbook as a part named file.'
    throw new AppError('invalid', 'missing_field', sentence, { param: 'calls' })
  }
  const csv = Buffer.from(rowsAsCsv(options.calls))
  const file = { filename: 'calls.json', stream: once(csv) }
  return { ...(await receive(request, deps, file)), isJson: true }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

type List = { filename: string; stream: AsyncIterable<Buffer | string> }

async function receive(request: FastifyRequest, deps: CampaignDeps, file: List): Promise<ReceivedFile> {
  const { workspaceId, userId } = principalOf(request)
  const { defaultRegion: region } = await findSettings(deps.sql, workspaceId)
  const upload = { workspaceId, name: file.filename, kept: false, createdBy: userId, region }
  return receiveRecipientFile(deps.sql, file.stream, { ...upload, limit: deps.uploadLimit }, deps.clock.now())
}
