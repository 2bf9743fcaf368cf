/** The sound that is to be played, in whichever of its forms a request brings it. */
import querystring from 'node:querystring'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { principalOf, type IncomingFile } from '../http/principal.ts'
import { findFile, findFileByName, storeFile } from './audio-store.ts'
import { fetchSound } from './fetch-sound.ts'
import { telephoneSound } from './sound-file.ts'

/** As it was written: an id, an address or a name. Null: none. */
export type GivenAudio = { param: 'aud_file' | 'audio'; text: string } | null

/** `audioLimit`: bytes of a file. */
export type GivenAudioDeps = { sql: Sql; clock: Clock; audioLimit: number }

/** `aud_file`, or its other name. */
export function readAudio(body: { aud_file?: unknown; audio?: unknown }): GivenAudio {
  for (const param of ['aud_file', 'audio'] as const) {
    const value = body[param]
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
    if (text !== '') return { param, text }
  }
  return null
}

/** Takes a file that comes with the request itself. */
export async function receiveAudio(
  file: IncomingFile,
  request: FastifyRequest,
  deps: GivenAudioDeps,
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
  given: GivenAudio,
  deps: GivenAudioDeps,
): Promise<number | null> {
  const received = request.received?.get('aud_file') ?? request.received?.get('audio')
  if (typeof received === 'number') return received
  if (given === null) return null
  const { param, text } = given
  const { workspaceId } = principalOf(request)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return store({ name: nameIn(text), content: fetchSound(text, param), param }, request, deps)
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

/** What an address ends with, as a person reads it; an escape that means nothing stays as it is. */
function nameIn(address: string): string {
  const last = URL.parse(address)?.pathname.split('/').at(-1) ?? ''
  const name = querystring.unescape(last).replaceAll('\0', '').slice(0, 200)
  return name === '' ? 'audio' : name
}

async function store(
  file: { name: string; content: AsyncIterable<Buffer>; param: string },
  request: FastifyRequest,
  deps: GivenAudioDeps,
): Promise<number> {
  const { workspaceId, userId } = principalOf(request)
  const sound = telephoneSound(file.content, { bytes: deps.audioLimit, param: file.param })
  const about = { workspaceId, name: file.name, createdBy: userId }
  return (await storeFile(deps.sql, about, sound, deps.clock.now())).id
}
