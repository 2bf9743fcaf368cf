import type { Queryable, Sql, Tx } from '../db/sql.ts'
import type { FileLayout } from './recipient-import.ts'

export type Upload = {
  workspaceId: number
  id: number
  name: string
  bytes: number
  layout: FileLayout
  kept: boolean
  createdAt: Date
}

/** Opens an upload that is still to be received. */
export async function openUpload(
  sql: Sql,
  upload: { workspaceId: number; name: string; kept: boolean; createdBy: string | null },
  now: Date,
): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into uploads (workspace_id, name, kept, created_by, created_at)
    values (${upload.workspaceId}, ${upload.name}, ${upload.kept}, ${upload.createdBy}, ${now})
    returning id`
  if (!row) throw new Error('An upload was not inserted')
  return row.id
}

export async function addChunk(
  sql: Sql,
  upload: { workspaceId: number; id: number },
  sequence: number,
  content: Buffer,
): Promise<void> {
  await sql`
    insert into upload_chunks (workspace_id, upload_id, sequence, content)
    values (${upload.workspaceId}, ${upload.id}, ${sequence}, ${content})`
}

/** Marks an upload as received: from here on it can be read. */
export async function completeUpload(
  sql: Sql,
  upload: { workspaceId: number; id: number },
  received: { bytes: number; chunks: number; layout: FileLayout },
): Promise<void> {
  await sql`
    update uploads
       set bytes = ${received.bytes}, chunks = ${received.chunks}, layout = ${JSON.stringify(received.layout)}::text::jsonb
     where workspace_id = ${upload.workspaceId} and id = ${upload.id}`
}

export async function findUpload(sql: Queryable, workspaceId: number, id: number): Promise<Upload | null> {
  const [row] = await sql<UploadRow[]>`
    select workspace_id, id, name, bytes, layout, kept, created_at from uploads
     where workspace_id = ${workspaceId} and id = ${id} and layout is not null`
  return row ? toUpload(row) : null
}

/** The latest kept file of that name. */
export async function findUploadByName(
  sql: Queryable,
  workspaceId: number,
  name: string,
): Promise<Upload | null> {
  const [row] = await sql<UploadRow[]>`
    select workspace_id, id, name, bytes, layout, kept, created_at from uploads
     where workspace_id = ${workspaceId} and name = ${name} and kept and layout is not null
     order by id desc
     limit 1`
  return row ? toUpload(row) : null
}

/** One piece of the content; null behind the end. */
export async function readChunk(
  sql: Queryable,
  upload: { workspaceId: number; id: number },
  sequence: number,
): Promise<Buffer | null> {
  const [row] = await sql<{ content: Buffer }[]>`
    select content from upload_chunks
     where workspace_id = ${upload.workspaceId} and upload_id = ${upload.id} and sequence = ${sequence}`
  return row ? row.content : null
}

export async function renameUpload(
  sql: Queryable,
  key: { workspaceId: number; id: number },
  name: string,
): Promise<void> {
  await sql`update uploads set name = ${name} where workspace_id = ${key.workspaceId} and id = ${key.id}`
}

/** Removes an upload and its content. */
export async function removeUpload(sql: Queryable, workspaceId: number, id: number): Promise<void> {
  await sql`delete from uploads where workspace_id = ${workspaceId} and id = ${id}`
}

/** Removes the upload that an import has read, unless it is kept for others. */
export async function discardReadUpload(tx: Tx, workspaceId: number, id: number): Promise<void> {
  await tx`delete from uploads where workspace_id = ${workspaceId} and id = ${id} and not kept`
}

/** Removes what was received before `before` and that no unfinished import will read. Returns how many. */
export async function discardAbandonedUploads(sql: Sql, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from uploads
     where (workspace_id, id) in (
       select u.workspace_id, u.id from uploads u
        where not u.kept and u.created_at < ${before}
          and not exists (
            select from jobs j
             where j.workspace_id = u.workspace_id and j.status in ('queued', 'running')
               and j.state ->> 'uploadId' = u.id::text)
        order by u.created_at
        limit ${limit})`
  return result.count
}

interface UploadRow {
  workspace_id: number
  id: number
  name: string
  bytes: number
  layout: FileLayout
  kept: boolean
  created_at: Date
}

function toUpload(row: UploadRow): Upload {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    name: row.name,
    bytes: row.bytes,
    layout: row.layout,
    kept: row.kept,
    createdAt: row.created_at,
  }
}
