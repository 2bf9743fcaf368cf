import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import type { AudioAddresses } from './audio-address.ts'
import { findAudio, findSpokenAudio, readAudio, saveSpoken, wantSpoken } from './audio-store.ts'
import { defaultVoice, findVoice, isAudible, SpeechAway, spokenKey, voices, type Speech } from './speech.ts'
import { wavHead } from './telephone-sound.ts'

export type VoiceDeps = {
  sql: Sql
  clock: Clock
  publicUrl: string | null
  addresses: AudioAddresses
  /** Null: the carrier says messages in a voice of its own. */
  speech: Speech | null
}

const longestTest = 1_000
const Test = Type.Object({
  message: Type.String({ minLength: 1, maxLength: longestTest }),
  voice_input: Type.Optional(Type.Union([Type.String({ maxLength: 60 }), Type.Null()])),
})
const nobodyKeeps = 'public, max-age=86400, immutable'

/** The voices, what they sound like, and the sound that carriers and players fetch. */
export async function voiceRoutes(app: App, deps: VoiceDeps): Promise<void> {
  const { sql, clock, addresses } = deps
  const tags = ['voices']

  app.route({
    method: 'GET',
    url: '/api/system/voices/',
    config: { allow: staff },
    schema: { tags, summary: 'The voices that voice_input may name' },
    handler: async () => envelope({ voices, default: defaultVoice }, 'Voices Successfully Retrieved'),
  })

  app.route({
    method: 'POST',
    url: '/api/system/test/voice/',
    config: { allow: managers },
    schema: { tags, summary: 'Hear a sentence in a voice', body: Test },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const voice = readVoice(request.body.voice_input ?? null)
      const text = request.body.message.trim().replace(/\s+/g, ' ')
      if (!isAudible(text))
        throw new AppError('invalid', 'missing_field', 'message holds nothing that can be spoken.', {
          param: 'message',
        })
      const audio = await speakOnce(deps, { workspaceId, voice, text })
      const path = addresses.path({ workspaceId, audioIds: [audio.id] }, clock.wall())
      const data = {
        audio_url: absoluteUrl(request, deps.publicUrl, path),
        duration: audio.durationMs / 1_000,
        voice_input: voice,
      }
      return envelope(data, 'Voice is ready.')
    },
  })

  app.route({
    method: 'GET',
    url: '/audio/:token',
    config: { allow: 'anyone' },
    schema: { tags, hide: true, params: Type.Object({ token: Type.String({ maxLength: 600 }) }) },
    handler: async (request, reply) => {
      const name = addresses.read(request.params.token.replace(/\.wav$/, ''), clock.wall())
      const found =
        name === null
          ? []
          : await Promise.all(name.audioIds.map((id) => findAudio(sql, name.workspaceId, id)))
      const audios = found.filter((audio) => audio?.state === 'ready').filter((audio) => audio !== null)
      if (name === null || audios.length < name.audioIds.length)
        throw new AppError('not_found', 'audio_not_found', 'There is no sound at this address (any more).')
      const bytes = audios.reduce((sum, audio) => sum + audio.bytes, 0)
      reply.header('content-length', wavHead(bytes).length + bytes + (bytes % 2))
      reply.header('cache-control', nobodyKeeps)
      reply.type('audio/wav')
      return reply.send(Readable.from(joined(sql, audios, bytes)))
    },
  })
}

/** The address of a path for whoever asked. */
export function absoluteUrl(request: FastifyRequest, publicUrl: string | null, path: string): string {
  return `${publicUrl ?? `${request.protocol}://${request.host}`}${path}`
}

/** Throws `unknown_voice` (400) that names the voices there are. */
export function readVoice(given: string | null): string {
  if (given === null || given.trim() === '') return defaultVoice
  const voice = findVoice(given)
  if (voice !== null) return voice.name
  const known = voices.map((one) => one.name).join(', ')
  const sentence = `voice_input must be one of ${known}; "${given.slice(0, 40)}" is not.`
  throw new AppError('invalid', 'unknown_voice', sentence, { param: 'voice_input' })
}

/** Nothing can be spoken here: why, and what to do about it. */
export function speechUnavailable(why: string, cause?: unknown): AppError {
  const sentence = `No voice can speak right now: ${why}. SPEECH=carrier lets the carrier say messages.`
  return new AppError('unavailable', 'speech_unavailable', sentence, { retryAfterSeconds: 30, cause })
}

async function speakOnce(
  { sql, clock, speech }: VoiceDeps,
  { workspaceId, voice, text }: { workspaceId: number; voice: string; text: string },
): Promise<{ id: number; durationMs: number }> {
  const key = spokenKey(text, voice)
  const find = async () => {
    const known = await findSpokenAudio(sql, [{ workspaceId, key }])
    return known.get(`${workspaceId} ${key.toString('hex')}`) ?? null
  }
  const known = await find()
  if (known?.state === 'ready') return known
  if (speech === null) {
    const sentence =
      'Voices are not spoken here: SPEECH=carrier lets the carrier say messages. Unset it to listen.'
    throw new AppError('conflict', 'speech_off', sentence)
  }
  const problem = speech.problem()
  if (problem !== null) throw speechUnavailable(problem)
  await transaction(sql, (tx) => wantSpoken(tx, [{ workspaceId, voice, text, key }], clock.now()))
  const wanted = await find()
  if (wanted === null) throw new Error('A text that was asked for is gone')
  try {
    const sound = await speech.speak(text, voice)
    await transaction(sql, (tx) => saveSpoken(tx, { workspaceId, id: wanted.id }, sound))
  } catch (error) {
    if (error instanceof SpeechAway) throw speechUnavailable(error.message, error)
    throw error
  }
  return (await find()) ?? wanted
}

async function* joined(
  sql: Sql,
  audios: readonly { workspaceId: number; id: number }[],
  bytes: number,
): AsyncGenerator<Buffer> {
  yield wavHead(bytes)
  for (const audio of audios) yield* readAudio(sql, audio)
  if (bytes % 2 === 1) yield Buffer.alloc(1, 0xff)
}
