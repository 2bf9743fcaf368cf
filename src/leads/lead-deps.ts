import type { Clock } from '../clock.ts'
import type { Queryable, Sql, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { Cursors } from '../http/paging.ts'
import { seesAll, type Principal } from '../http/principal.ts'
import type { DialerKeys } from './dialer-key.ts'
import { findLead, lockLead } from './lead-store.ts'
import type { Lead } from './lead.ts'
import type { LeadPart } from './timeline.ts'

/** What the routes of leads work with. */
export type LeadDeps = {
  sql: Sql
  clock: Clock
  /** Where the outside reaches this server; null: as each request says. */
  publicUrl: string | null
  keys: DialerKeys
  cursors: Cursors
  /** What other parts of the product know of people. */
  parts: readonly LeadPart[]
}

/** The lead, when the principal may see it; else throws `not_found`, as for one that does not exist. */
export async function requireLead(sql: Queryable, principal: Principal, id: number): Promise<Lead> {
  return requireSeen(principal, await findLead(sql, principal.workspaceId, id))
}

/** The same, held until the transaction ends. */
export async function requireLocked(tx: Tx, principal: Principal, id: number): Promise<Lead> {
  return requireSeen(principal, await lockLead(tx, principal.workspaceId, id))
}

function requireSeen(principal: Principal, lead: Lead | null): Lead {
  const isSeen = lead !== null && (seesAll(principal) || lead.assignedTo?.id === principal.userId)
  if (isSeen) return lead
  throw new AppError('not_found', 'not_found', 'Not found.')
}
