import { arrayOf, column, type Tx } from '../db/sql.ts'
import { insertNotices } from './notice-store.ts'
import { noticesOf, type Notice } from './notice.ts'

/** Something that open pages are told. `visibleTo`: the only person below manager, or their agent, who may see it; null = managers only. */
export type NewEvent = { kind: string; visibleTo: string | null; data: unknown }

/** A change of an exact count. `campaignId` 0 holds what belongs to no campaign. */
export type TotalChange = {
  campaignId: number
  subject: 'call' | 'number' | 'text'
  state: string
  delta: number
}

export type WorkspaceBatch = {
  workspaceId: number
  totals: readonly TotalChange[]
  events: readonly NewEvent[]
  /** What programs outside may be told beside the events: all that `events` tells in sums. */
  notices?: readonly Notice[]
}

/** The channel on which readers are woken. The payload is a workspace id. */
export const eventsChannel = 'trunkline_events'

/**
 * Ends a batch: writes what programs outside are told, applies the changes of counts and appends the events, in the
 * caller's transaction.
 *
 * It must be the last thing the transaction does. The head rows it locks are what makes positions become visible
 * in their own order, and they are held until the commit: anything slow after this call stalls the workspace.
 * Heads are locked in the order of workspaces, so two batches never wait for each other in a circle.
 */
export async function closeBatch(
  tx: Tx,
  batch: { now: Date; workspaces: readonly WorkspaceBatch[] },
): Promise<void> {
  const workspaces = mergeByWorkspace(batch.workspaces)
  if (workspaces.length === 0) return
  await insertNotices(tx, workspaces.map(toldOutside), batch.now)
  const firstPositions = await takePositions(tx, workspaces)
  await applyTotals(tx, workspaces)
  await insertEvents(tx, batch.now, workspaces, firstPositions)
}

type Merged = WorkspaceBatch & { notices: readonly Notice[] }

/** One entry per workspace, in order of id; entries that change nothing are left out. */
function mergeByWorkspace(batches: readonly WorkspaceBatch[]): Merged[] {
  const merged = new Map<
    number,
    { totals: Map<string, TotalChange>; events: NewEvent[]; notices: Notice[] }
  >()
  for (const batch of batches) {
    const fresh = { totals: new Map<string, TotalChange>(), events: [], notices: [] }
    const entry = merged.get(batch.workspaceId) ?? fresh
    merged.set(batch.workspaceId, entry)
    for (const change of batch.totals) addTotal(entry.totals, change)
    for (const event of batch.events) entry.events.push(event)
    for (const notice of batch.notices ?? []) entry.notices.push(notice)
  }
  return [...merged]
    .sort(([a], [b]) => a - b)
    .map(([workspaceId, entry]) => ({
      workspaceId,
      totals: [...entry.totals.values()].filter((change) => change.delta !== 0),
      events: entry.events,
      notices: entry.notices,
    }))
    .filter((batch) => batch.totals.length + batch.events.length + batch.notices.length > 0)
}

function toldOutside({ workspaceId, events, notices }: Merged) {
  return { workspaceId, notices: [...notices, ...noticesOf(events)] }
}

function addTotal(totals: Map<string, TotalChange>, change: TotalChange): void {
  const key = `${change.subject}:${change.campaignId}:${change.state}`
  const known = totals.get(key)
  totals.set(key, known ? { ...known, delta: known.delta + change.delta } : change)
}

/**
 * Locks the heads and returns the last position of each workspace before this batch. The locks are taken in the
 * order of a sorted sub-select; the update alone would take them in the order of the plan.
 */
async function takePositions(tx: Tx, workspaces: readonly WorkspaceBatch[]): Promise<Map<number, number>> {
  const ids = workspaces.map((batch) => batch.workspaceId)
  const counts = workspaces.map((batch) => batch.events.length)
  const rows = await tx<{ workspace_id: number; position: number }[]>`
    with given as (
      select * from unnest(${arrayOf(ids)}::bigint[], ${arrayOf(counts)}::bigint[]) as given (workspace_id, added)
    ), locked as materialized (
      select workspace_id from event_heads
       where workspace_id = any(${arrayOf(ids)}::bigint[])
       order by workspace_id
         for update
    )
    update event_heads
       set position = event_heads.position + given.added
      from given, locked
     where event_heads.workspace_id = given.workspace_id
       and locked.workspace_id = given.workspace_id
    returning event_heads.workspace_id, event_heads.position - given.added as position`
  if (rows.length !== workspaces.length) throw new Error('A workspace has no event head')
  return new Map(rows.map((row) => [row.workspace_id, row.position]))
}

async function applyTotals(tx: Tx, workspaces: readonly WorkspaceBatch[]): Promise<void> {
  const rows = workspaces.flatMap((batch) =>
    batch.totals.map((change) => ({ workspaceId: batch.workspaceId, ...change })),
  )
  if (rows.length === 0) return
  // A negative change cannot be inserted first (the check refuses it), so the row is made with nothing in it.
  await tx`
    with given as (
      select * from unnest(
        ${column(rows, (row) => row.workspaceId)}::bigint[], ${column(rows, (row) => row.campaignId)}::bigint[],
        ${column(rows, (row) => row.subject)}::text[], ${column(rows, (row) => row.state)}::text[],
        ${column(rows, (row) => row.delta)}::bigint[]
      ) as given (workspace_id, campaign_id, subject, state, delta)
    ), updated as (
      update totals
         set count = totals.count + given.delta
        from given
       where totals.workspace_id = given.workspace_id and totals.subject = given.subject
         and totals.campaign_id = given.campaign_id and totals.state = given.state
      returning totals.workspace_id, totals.campaign_id, totals.subject, totals.state
    )
    insert into totals (workspace_id, campaign_id, subject, state, count)
    select workspace_id, campaign_id, subject, state, delta
      from given
     where not exists (
       select from updated
        where updated.workspace_id = given.workspace_id and updated.subject = given.subject
          and updated.campaign_id = given.campaign_id and updated.state = given.state
     )`
}

async function insertEvents(
  tx: Tx,
  now: Date,
  workspaces: readonly WorkspaceBatch[],
  lastPositions: ReadonlyMap<number, number>,
): Promise<void> {
  const rows = workspaces.flatMap((batch) => {
    const last = lastPositions.get(batch.workspaceId) ?? 0
    return batch.events.map((event, index) => ({
      workspaceId: batch.workspaceId,
      position: last + index + 1,
      event,
    }))
  })
  if (rows.length === 0) return
  const ids = [...new Set(rows.map((row) => row.workspaceId))]
  await tx`
    with inserted as (
      insert into events (workspace_id, position, at, kind, visible_to, data)
      select workspace_id, position, ${now}, kind, visible_to, data::jsonb
        from unnest(
          ${column(rows, (row) => row.workspaceId)}::bigint[], ${column(rows, (row) => row.position)}::bigint[],
          ${column(rows, (row) => row.event.kind)}::text[], ${column(rows, (row) => row.event.visibleTo)}::uuid[],
          ${column(rows, (row) => JSON.stringify(row.event.data))}::text[]
        ) as given (workspace_id, position, kind, visible_to, data)
    )
    select pg_notify(${eventsChannel}, workspace_id::text) from unnest(${arrayOf(ids)}::bigint[]) as given (workspace_id)`
}
