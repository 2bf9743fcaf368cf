import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { instantText } from '../http/instants.ts'
import { pageLinks, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf, staff, type IncomingFile } from '../http/principal.ts'
import { findFile, renameFile, storeFile, type Audio } from '../speech/audio-store.ts'
import { looksLikeSound, telephoneSound } from '../speech/sound-file.ts'
import { absoluteUrl } from '../speech/voice-routes.ts'
import type { CampaignDeps } from './campaign-deps.ts'
import { CampaignId } from './campaign-routes.ts'
import { countLibrary, listLibrary, removeFromLibrary } from './file-store.ts'
import { numberColumnMember, readNumberColumn } from './number-column-input.ts'
import { receiveRecipientFile } from './recipient-file.ts'
import { withNumberColumn } from './recipient-import.ts'
import { previewUpload } from './upload-preview.ts'
import { findUpload, renameUpload, type Upload } from './upload-store.ts'

const NewFile = Type.Object({
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Else the name of the file' }),
  ),
})
const tags = ['files']

/** Files that campaigns name later: sound and lists of numbers. What a file is, its content says. */
export async function fileRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql, clock } = deps
  const url = '/api/system/files/'

  app.route({
    method: 'POST',
    url,
    config: {
      allow: managers,
      receiveFile: (file, request) => receive(file, request, deps),
      success: 201,
    },
    schema: {
      tags,
      summary: 'Upload sound (MP3, WAV, OGG) or a list of numbers (CSV, XLSX) in a part named file',
      consumes: ['multipart/form-data'],
      body: NewFile,
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const received = (request.received?.get('file') as Received | undefined) ?? null
      if (received === null)
        throw new AppError(
          'invalid',
          'missing_field',
          'file is required: send it as a part of a multipart body.',
          {
            param: 'file',
          },
        )
      const name = request.body.name?.trim() ?? ''
      if (name !== '') await rename(sql, workspaceId, { received, name })
      reply.code(201)
      const details = await detailsOf(request, deps, received)
      return envelope({ details }, 'File uploaded successfully.', 201)
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { allow: staff },
    schema: { tags, summary: 'Files, newest first', querystring: Type.Object(PageQuery) },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const page = readPage(request.query)
      const pagination = pageLinks(request, deps.publicUrl, {
        ...page,
        count: await countLibrary(sql, workspaceId),
      })
      const listed = await listLibrary(sql, workspaceId, { limit: page.size, offset: page.offset })
      const files = await Promise.all(listed.map((one) => detailsOf(request, deps, one)))
      return envelope({ files, pagination }, 'Files Successfully Retrieved')
    },
  })

  app.route({
    method: 'GET',
    url: `${url}:id/`,
    config: { allow: staff },
    schema: { tags, summary: 'One file', params: CampaignId },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const kind = (await findFile(sql, workspaceId, request.params.id)) === null ? 'numbers' : 'audio'
      const details = await detailsOf(request, deps, { kind, id: request.params.id })
      return envelope({ details }, 'File Successfully Retrieved')
    },
  })

  app.route({
    method: 'GET',
    url: `${url}:id/preview/`,
    config: { allow: staff },
    schema: {
      tags,
      summary: 'How the first rows of a list of numbers will be read',
      params: CampaignId,
      querystring: Type.Object({ number_column: numberColumnMember }),
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const upload = await findUpload(sql, workspaceId, request.params.id)
      if (upload?.kept !== true) throw noFile(request.params.id)
      const { defaultRegion } = await findSettings(sql, workspaceId)
      const numberColumn = readNumberColumn(request.query.number_column, upload.layout)
      const preview = await previewUpload(sql, upload, { region: defaultRegion, numberColumn })
      const details = { ...numbersWire(upload, numberColumn), ...preview }
      return envelope({ details }, 'File Successfully Retrieved')
    },
  })

  app.route({
    method: 'DELETE',
    url: `${url}:id/`,
    config: { allow: managers },
    schema: { tags, summary: 'Delete a file; calls under way may still play it', params: CampaignId },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      if (!(await removeFromLibrary(sql, workspaceId, request.params.id, clock.now())))
        throw noFile(request.params.id)
      return envelope({}, 'File deleted successfully.')
    },
  })
}

type Received = { kind: 'audio' | 'numbers'; id: number }

async function receive(
  file: IncomingFile,
  request: FastifyRequest,
  deps: CampaignDeps,
): Promise<Received | null> {
  if (file.field !== 'file') {
    file.stream.resume()
    return null
  }
  const { workspaceId, userId } = principalOf(request)
  const stream = file.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first = await stream.next()
  const head = first.done === true ? Buffer.alloc(0) : first.value
  const content = startingWith(head, stream)
  const about = { workspaceId, name: file.filename === '' ? 'file' : file.filename, createdBy: userId }
  const now = deps.clock.now()
  if (looksLikeSound(head)) {
    const sound = telephoneSound(content, { bytes: deps.audioLimit, param: 'file' })
    return { kind: 'audio', id: (await storeFile(deps.sql, about, sound, now)).id }
  }
  const { defaultRegion: region } = await findSettings(deps.sql, workspaceId)
  const list = { ...about, kept: true, region, limit: deps.uploadLimit }
  return { kind: 'numbers', id: (await receiveRecipientFile(deps.sql, content, list, now)).uploadId }
}

async function* startingWith(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function rename(
  sql: Sql,
  workspaceId: number,
  { received, name }: { received: Received; name: string },
): Promise<void> {
  if (received.kind === 'audio') await renameFile(sql, { workspaceId, id: received.id }, name)
  else await renameUpload(sql, { workspaceId, id: received.id }, name)
}

async function detailsOf(request: FastifyRequest, deps: CampaignDeps, { kind, id }: Received) {
  const { workspaceId } = principalOf(request)
  if (kind === 'audio') {
    const audio = await findFile(deps.sql, workspaceId, id)
    if (audio === null) throw noFile(id)
    return audioWire(request, deps, audio)
  }
  const upload = await findUpload(deps.sql, workspaceId, id)
  if (upload?.kept !== true) throw noFile(id)
  return numbersWire(upload)
}

function audioWire(request: FastifyRequest, deps: CampaignDeps, audio: Audio) {
  const path = deps.addresses.path(
    { workspaceId: audio.workspaceId, audioIds: [audio.id] },
    deps.clock.wall(),
  )
  return {
    id: audio.id,
    name: audio.name,
    kind: 'audio',
    size: audio.bytes,
    duration: audio.durationMs / 1_000,
    audio_url: absoluteUrl(request, deps.publicUrl, path),
    created: instantText(audio.createdAt),
  }
}

function numbersWire(upload: Upload, numberColumn: number | null = null) {
  const tagNames = withNumberColumn(upload.layout, numberColumn).tags.filter((tag) => tag !== null)
  return {
    id: upload.id,
    name: upload.name,
    kind: 'numbers',
    size: upload.bytes,
    rows: upload.layout.rows,
    usable_tags: tagNames,
    created: instantText(upload.createdAt),
  }
}

function noFile(id: number): AppError {
  return new AppError('not_found', 'file_not_found', `There is no file ${id}.`)
}
