/** Writes what endpoints are told, in the transaction of what happened. */
import { arrayOf, column, type Tx } from '../db/sql.ts'
import { uuidV7 } from '../random.ts'
import { everyKind, type Notice } from './notice.ts'

export type Told = { workspaceId: number; notices: readonly Notice[] }
type Endpoint = { workspaceId: number; id: string; kinds: string[] }
type Delivery = { workspaceId: number; endpointId: string; messageId: string; kind: string; body: string }

/** A delivery that nobody took for so long has failed. */
export const triedForMs = 72 * 60 * 60 * 1_000

/** Lets the loop that sends look at once. */
export const noticeChannel = 'trunkline_notices'

/** One delivery for each endpoint that wants a notice. `now` is product time. */
export async function insertNotices(tx: Tx, told: readonly Told[], now: Date): Promise<void> {
  const speaking = told.filter(({ notices }) => notices.length > 0)
  if (speaking.length === 0) return
  const endpoints = await findListening(
    tx,
    speaking.map(({ workspaceId }) => workspaceId),
  )
  if (endpoints.length === 0) return
  const deliveries = speaking.flatMap((one) => deliveriesOf(one, endpoints, now))
  if (deliveries.length > 0) await insertDeliveries(tx, deliveries, now)
}

/** The exact text of a notice, as it is signed and sent. */
export function noticeBody(kind: string, data: unknown, now: Date): string {
  return JSON.stringify({ type: kind, timestamp: now.toISOString(), data })
}

export async function insertDeliveries(tx: Tx, deliveries: readonly Delivery[], now: Date): Promise<void> {
  await tx`
    insert into webhook_deliveries (workspace_id, endpoint_id, message_id, id, kind, body, created_at, due_at, give_up_at)
    select given.*, ${now}, ${now}, ${new Date(now.getTime() + triedForMs)}
      from unnest(
        ${column(deliveries, (one) => one.workspaceId)}::bigint[], ${column(deliveries, (one) => one.endpointId)}::uuid[],
        ${column(deliveries, (one) => one.messageId)}::uuid[], ${column(deliveries, () => uuidV7(now.getTime()))}::uuid[],
        ${column(deliveries, (one) => one.kind)}::text[], ${column(deliveries, (one) => one.body)}::text[]
      ) as given`
  await tx`select pg_notify(${noticeChannel}, '')`
}

/** Held until the commit: an endpoint that is removed meanwhile would take the whole batch down with it. */
async function findListening(tx: Tx, workspaceIds: readonly number[]): Promise<Endpoint[]> {
  return tx<Endpoint[]>`
    select workspace_id as "workspaceId", id, kinds from webhook_endpoints
     where workspace_id = any(${arrayOf([...new Set(workspaceIds)])}::bigint[]) and disabled_at is null
       for key share`
}

function deliveriesOf({ workspaceId, notices }: Told, endpoints: readonly Endpoint[], now: Date): Delivery[] {
  const own = endpoints.filter((endpoint) => endpoint.workspaceId === workspaceId)
  return notices.flatMap(({ kind, data }) => {
    const wanting = own.filter((endpoint) => endpoint.kinds.some((one) => one === kind || one === everyKind))
    if (wanting.length === 0) return []
    const [messageId, body] = [uuidV7(now.getTime()), noticeBody(kind, data(), now)]
    return wanting.map(({ id }) => ({ workspaceId, endpointId: id, messageId, kind, body }))
  })
}
