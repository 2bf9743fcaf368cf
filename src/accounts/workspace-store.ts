import type { Queryable, Tx } from '../db/sql.ts'
import { parseSettings, settingsToWire, type Settings } from './settings.ts'

export type Workspace = { id: number; slug: string; name: string; isDemo: boolean }

/** Makes a workspace with everything a new one needs. The slug is made unique by a number. */
export async function createWorkspace(
  tx: Tx,
  workspace: { name: string; slug?: string; settings?: Partial<Settings>; isDemo?: boolean },
  now: Date,
): Promise<Workspace> {
  const slug = await freeSlug(tx, workspace.slug ?? slugOf(workspace.name))
  const [row] = await tx<{ id: number }[]>`
    insert into workspaces (slug, name, settings, is_demo, created_at)
    values (${slug}, ${workspace.name}, ${JSON.stringify(settingsToWire(workspace.settings ?? {}))}::text::jsonb,
      ${workspace.isDemo ?? false}, ${now})
    returning id`
  if (!row) throw new Error('The workspace was not inserted')
  await tx`insert into event_heads (workspace_id) values (${row.id})`
  return { id: row.id, slug, name: workspace.name, isDemo: workspace.isDemo ?? false }
}

/** The first workspace, or the one with this slug; null when there is none. */
export async function findWorkspace(sql: Queryable, slug: string | null): Promise<Workspace | null> {
  const [row] = await sql<Workspace[]>`
    select id, slug, name, is_demo as "isDemo" from workspaces
     where ${slug}::text is null or slug = ${slug}
     order by id limit 1`
  return row ?? null
}

export async function findWorkspaceById(sql: Queryable, id: number): Promise<Workspace | null> {
  const [row] = await sql<Workspace[]>`
    select id, slug, name, is_demo as "isDemo" from workspaces where id = ${id}`
  return row ?? null
}

/** Changes what is given and leaves the rest. */
export async function updateWorkspace(
  tx: Tx,
  workspaceId: number,
  change: { name: string | null; settings: Partial<Settings> },
): Promise<void> {
  await tx`
    update workspaces
       set name = coalesce(${change.name}, name),
           settings = settings || ${JSON.stringify(settingsToWire(change.settings))}::text::jsonb
     where id = ${workspaceId}`
}

/** The workspaces that let pages of this origin read answers. */
export async function findWorkspacesAllowing(sql: Queryable, origin: string): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from workspaces where settings -> 'allowed_origins' ? ${origin} limit 1000`
  return rows.map((row) => row.id)
}

/** The settings of a workspace, with the installation's defaults where nothing was chosen. */
export async function findSettings(sql: Queryable, workspaceId: number): Promise<Settings> {
  const [row] = await sql<{ settings: unknown }[]>`select settings from workspaces where id = ${workspaceId}`
  return parseSettings(row?.settings ?? {})
}

function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return plain.replaceAll(/^-|-$/g, '').slice(0, 40) || 'workspace'
}

async function freeSlug(tx: Tx, wanted: string): Promise<string> {
  await tx`select pg_advisory_xact_lock(hashtext('workspace slug'))`
  const rows = await tx<{ slug: string }[]>`
    select slug from workspaces where slug = ${wanted} or slug like ${`${wanted}-%`} limit 1000`
  const taken = new Set(rows.map((row) => row.slug))
  for (let number = 1; ; number += 1) {
    const slug = number === 1 ? wanted : `${wanted}-${number}`
    if (!taken.has(slug)) return slug
  }
}
