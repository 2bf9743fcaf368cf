import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import type { DialerKeys } from './dialer-key.ts'

/** What the routes of leads work with. */
export type LeadDeps = {
  sql: Sql
  clock: Clock
  /** Where the outside reaches this server; null: as each request says. */
  publicUrl: string | null
  keys: DialerKeys
}
