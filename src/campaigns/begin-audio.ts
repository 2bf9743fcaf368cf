/** The audio of a campaign, in whichever of its forms a request to begin brings it. */
import type { FastifyRequest } from 'fastify'
import type { Queryable } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { principalOf, type IncomingFile } from '../http/principal.ts'
import { findFile, findFileByName, storeFile } from '../speech/audio-store.ts'
import { fetchSound } from '../speech/fetch-sound.ts'
import { telephoneSound } from '../speech/sound-file.ts'
import type { BeginRequest } from './begin.ts'
import type { CampaignDeps } from './campaign-deps.ts'
import type { Campaign } from './campaign-store.ts'

/** Takes a file that comes with the request itself. */
export async function receiveAudio(
  file: IncomingFile,
  request: FastifyRequest,
  deps: CampaignDeps,
): Promise<number | null> {
  if (file.field !== 'aud_file' && file.field !== 'audio') {
    file.stream.resume()
    return null
  }
  const name = file.filename === '' ? 'audio' : file.filename
  return store({ name, content: file.stream as AsyncIterable<Buffer>, param: file.field }, request, deps)
}

/** The id of the audio: the file that came, one of the library by id or name, or what is fetched from an address. */
export async function audioOf(
  request: FastifyRequest,
  given: BeginRequest['audio'],
  deps: CampaignDeps,
): Promise<number | null> {
  const received = request.received?.get('aud_file') ?? request.received?.get('audio')
  if (typeof received === 'number') return received
  if (given === null) return null
  const { param, text } = given
  const { workspaceId } = principalOf(request)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const name = decodeURIComponent(URL.parse(text)?.pathname.split('/').at(-1) ?? '').slice(0, 200)
    return store(
      { name: name === '' ? 'audio' : name, content: fetchSound(text, param), param },
      request,
      deps,
    )
  }
  const byId = /^\d{1,15}$/.test(text) ? await findFile(deps.sql, workspaceId, Number(text)) : null
  // Uploads keep the last part of a path as their name; a path is never opened.
  const lastPart = text.split(/[/\\]/).at(-1) ?? text
  const found =
    byId ??
    (await findFileByName(deps.sql, workspaceId, text)) ??
    (await findFileByName(deps.sql, workspaceId, lastPart))
  if (found !== null) return found.id
  throw new AppError(
    'invalid',
    'unknown_file',
    `${param} names no sound file uploaded before: "${text.slice(0, 60)}". Upload it with POST /api/system/files/, or send it in a multipart body.`,
    { param },
  )
}

/** Seconds of the audio that a campaign would play; none for texts. */
export async function soundSecondsOf(
  sql: Queryable,
  campaign: Campaign,
  audioId: number | null,
): Promise<number> {
  if (campaign.service === 'SMS' || audioId === null) return 0
  const file = await findFile(sql, campaign.workspaceId, audioId)
  return file === null ? 0 : Math.ceil(file.durationMs / 1_000)
}

async function store(
  file: { name: string; content: AsyncIterable<Buffer>; param: string },
  request: FastifyRequest,
  deps: CampaignDeps,
): Promise<number> {
  const { workspaceId, userId } = principalOf(request)
  const sound = telephoneSound(file.content, { bytes: deps.audioLimit, param: file.param })
  const about = { workspaceId, name: file.name, createdBy: userId }
  return (await storeFile(deps.sql, about, sound, deps.clock.now())).id
}
