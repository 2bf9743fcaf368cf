import { arrayOf, type Queryable, type Sql, type Tx } from '../db/sql.ts'
import { durationOf } from './telephone-sound.ts'

export type Audio = {
  workspaceId: number
  id: number
  /** Null: a spoken text. */
  name: string | null
  state: 'receiving' | 'wanted' | 'ready' | 'failed'
  reason: string | null
  durationMs: number
  /** Of mu-law, without the head of a file. */
  bytes: number
  createdAt: Date
}

/** The channel on which speech loops are woken. */
export const speechChannel = 'trunkline_speech'

const chunkBytes = 256 * 1024

/** Stores a file of the library as its sound comes, in steps of their own: it is seen only once it is complete. */
export async function storeFile(
  sql: Sql,
  file: { workspaceId: number; name: string; createdBy: string | null },
  content: AsyncIterable<Buffer>,
  now: Date,
): Promise<Audio> {
  const [row] = await sql<{ id: number }[]>`
    insert into audio (workspace_id, name, state, created_by, created_at)
    values (${file.workspaceId}, ${file.name}, 'receiving', ${file.createdBy}, ${now})
    returning id`
  if (!row) throw new Error('An audio was not inserted')
  const key = { workspaceId: file.workspaceId, id: row.id }
  try {
    const bytes = await insertChunks(sql, key, content)
    const [stored] = await sql<AudioRow[]>`
      update audio set state = 'ready', bytes = ${bytes}, duration_ms = ${durationOf(bytes)}
       where workspace_id = ${key.workspaceId} and id = ${key.id}
      returning ${columns(sql)}`
    if (!stored) throw new Error('An audio that was just inserted is gone')
    return toAudio(stored)
  } catch (error) {
    await sql`delete from audio where workspace_id = ${key.workspaceId} and id = ${key.id}`
    throw error
  }
}

async function insertChunks(
  sql: Queryable,
  key: { workspaceId: number; id: number },
  content: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<number> {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let bytes = 0
  let sequence = 0
  const store = async (): Promise<void> => {
    await sql`
      insert into audio_chunks (workspace_id, audio_id, sequence, content)
      values (${key.workspaceId}, ${key.id}, ${sequence}, ${Buffer.concat(waiting)})`
    sequence += 1
    waiting = []
    waitingBytes = 0
  }
  for await (const piece of content) {
    if (piece.length === 0) continue
    waiting.push(piece)
    waitingBytes += piece.length
    bytes += piece.length
    if (waitingBytes >= chunkBytes) await store()
  }
  if (waitingBytes > 0) await store()
  return bytes
}

export async function findAudio(sql: Queryable, workspaceId: number, id: number): Promise<Audio | null> {
  const [row] = await sql<AudioRow[]>`
    select ${columns(sql)} from audio where workspace_id = ${workspaceId} and id = ${id}`
  return row ? toAudio(row) : null
}

/** A file of the library. */
export async function findFile(sql: Queryable, workspaceId: number, id: number): Promise<Audio | null> {
  const [row] = await sql<AudioRow[]>`
    select ${columns(sql)} from audio
     where workspace_id = ${workspaceId} and id = ${id} and name is not null and state = 'ready' and removed_at is null`
  return row ? toAudio(row) : null
}

/** The latest file of that name. */
export async function findFileByName(
  sql: Queryable,
  workspaceId: number,
  name: string,
): Promise<Audio | null> {
  const [row] = await sql<AudioRow[]>`
    select ${columns(sql)} from audio
     where workspace_id = ${workspaceId} and name = ${name} and state = 'ready' and removed_at is null
     order by id desc
     limit 1`
  return row ? toAudio(row) : null
}

export async function renameFile(
  sql: Queryable,
  key: { workspaceId: number; id: number },
  name: string,
): Promise<void> {
  await sql`
    update audio set name = ${name} where workspace_id = ${key.workspaceId} and id = ${key.id} and name is not null`
}

/** The sound of an audio, mu-law, in pieces: no connection is held while the reader is slow. */
export async function* readAudio(
  sql: Queryable,
  key: { workspaceId: number; id: number },
): AsyncGenerator<Buffer> {
  for (let sequence = 0; ; sequence++) {
    const [row] = await sql<{ content: Buffer }[]>`
      select content from audio_chunks
       where workspace_id = ${key.workspaceId} and audio_id = ${key.id} and sequence = ${sequence}`
    if (!row) return
    yield row.content
  }
}

export type SpokenText = { workspaceId: number; voice: string; text: string; key: Buffer }

/**
 * Asks for texts to be spoken, and wakes the speech loops when the caller's transaction commits; those that are spoken
 * already, or asked for, stay as they are. They are written in the order of their keys, so that two who ask for the
 * same never wait for each other. `now` is product time.
 */
export async function wantSpoken(tx: Tx, texts: readonly SpokenText[], now: Date): Promise<void> {
  if (texts.length === 0) return
  await tx`
    with added as (
      insert into audio (workspace_id, voice, spoken, spoken_key, state, created_at, used_at)
      select workspace_id, voice, spoken, decode(hex, 'hex'), 'wanted', ${now}, ${now}
        from unnest(${arrayOf(texts.map((one) => one.workspaceId))}::bigint[],
                    ${arrayOf(texts.map((one) => one.voice))}::text[], ${arrayOf(texts.map((one) => one.text))}::text[],
                    ${arrayOf(texts.map((one) => one.key.toString('hex')))}::text[])
             as given (workspace_id, voice, spoken, hex)
       order by workspace_id, hex
          on conflict (workspace_id, spoken_key) where spoken_key is not null do nothing
      returning 1
    )
    select pg_notify(${speechChannel}, '') from added limit 1`
}

export type SpokenAudio = { id: number; state: Audio['state']; durationMs: number }

/** What is known of spoken texts, by their key in hex. */
export async function findSpokenAudio(
  sql: Queryable,
  asked: readonly { workspaceId: number; key: Buffer }[],
): Promise<Map<string, SpokenAudio>> {
  if (asked.length === 0) return new Map()
  const rows = await sql<
    { hex: string; workspace_id: number; id: number; state: Audio['state']; duration_ms: number }[]
  >`
    select asked.workspace_id, asked.hex, found.id, found.state, found.duration_ms
      from unnest(${arrayOf(asked.map((one) => one.workspaceId))}::bigint[],
                  ${arrayOf(asked.map((one) => one.key.toString('hex')))}::text[])
           as asked (workspace_id, hex)
     cross join lateral (
       select a.id, a.state, a.duration_ms from audio a
        where a.workspace_id = asked.workspace_id and a.spoken_key = decode(asked.hex, 'hex')
        limit 1) as found`
  return new Map(
    rows.map((row) => [
      `${row.workspace_id} ${row.hex}`,
      { id: row.id, state: row.state, durationMs: row.duration_ms },
    ]),
  )
}

/** How long audios last, in milliseconds, by `workspace id`; one that is not there is left out. */
export async function durationsOf(
  sql: Queryable,
  asked: readonly { workspaceId: number; id: number }[],
): Promise<Map<string, number>> {
  if (asked.length === 0) return new Map()
  const rows = await sql<{ workspace_id: number; id: number; duration_ms: number }[]>`
    select a.workspace_id, a.id, a.duration_ms
      from unnest(${arrayOf(asked.map((one) => one.workspaceId))}::bigint[],
                  ${arrayOf(asked.map((one) => one.id))}::bigint[]) as asked (workspace_id, id)
      join audio a on a.workspace_id = asked.workspace_id and a.id = asked.id and a.state = 'ready'`
  return new Map(rows.map((row) => [`${row.workspace_id} ${row.id}`, row.duration_ms]))
}

export type WantedText = { workspaceId: number; id: number; voice: string; text: string; tries: number }

/** Takes texts to be spoken, the oldest first, so that no other process takes them for `leaseSeconds`. */
export async function takeWanted(
  sql: Sql,
  { limit, leaseSeconds }: { limit: number; leaseSeconds: number },
): Promise<WantedText[]> {
  return sql<WantedText[]>`
    update audio a
       set tried_at = clock_timestamp(), tries = a.tries + 1
      from (select workspace_id, id from audio
             where state = 'wanted'
               and (tried_at is null or tried_at < clock_timestamp() - make_interval(secs => ${leaseSeconds}))
             order by created_at, id
             limit ${limit}
               for update skip locked) picked
     where a.workspace_id = picked.workspace_id and a.id = picked.id
    returning a.workspace_id as "workspaceId", a.id, a.voice, a.spoken as text, a.tries`
}

/** Stores how a text sounds. Somebody else may have been faster; then nothing is written. */
export async function saveSpoken(
  tx: Tx,
  key: { workspaceId: number; id: number },
  sound: Buffer,
): Promise<void> {
  const result = await tx`
    update audio set state = 'ready', bytes = ${sound.length}, duration_ms = ${durationOf(sound.length)}
     where workspace_id = ${key.workspaceId} and id = ${key.id} and state = 'wanted'`
  if (result.count === 1) await insertChunks(tx, key, [sound])
}

export async function failSpoken(
  sql: Queryable,
  key: { workspaceId: number; id: number },
  reason: string,
): Promise<void> {
  await sql`
    update audio set state = 'failed', reason = ${reason}
     where workspace_id = ${key.workspaceId} and id = ${key.id} and state = 'wanted'`
}

/**
 * Removes what was given up while it was received, what was taken out of the library four days ago (longer than any
 * address of it lives), and texts that nobody has wanted for a month. Returns how many.
 */
export async function dropUnused(sql: Sql, wall: Date, limit = 1_000): Promise<number> {
  const daysAgo = (days: number): Date => new Date(wall.getTime() - days * 86_400_000)
  const result = await sql`
    delete from audio where (workspace_id, id) in (
      (select workspace_id, id from audio
        where state = 'receiving' and name is not null and created_at < ${daysAgo(1)} limit ${limit})
      union all
      (select workspace_id, id from audio where removed_at < ${daysAgo(4)} limit ${limit})
      union all
      (select workspace_id, id from audio where used_at < ${daysAgo(30)} limit ${limit}))`
  return result.count
}

function columns(sql: Queryable) {
  return sql`workspace_id, id, name, state, reason, duration_ms, bytes, created_at`
}

interface AudioRow {
  workspace_id: number
  id: number
  name: string | null
  state: Audio['state']
  reason: string | null
  duration_ms: number
  bytes: number
  created_at: Date
}

function toAudio(row: AudioRow): Audio {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    name: row.name,
    state: row.state,
    reason: row.reason,
    durationMs: row.duration_ms,
    bytes: row.bytes,
    createdAt: row.created_at,
  }
}
