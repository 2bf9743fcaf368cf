import type { CallerIds } from '../carriers/caller-ids.ts'
import type { Carrier } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import type { Cursors } from '../http/paging.ts'
import type { ReportWriter } from './report-writer.ts'

/** What the routes of calls work with. */
export type CallDeps = {
  sql: Sql
  clock: Clock
  cursors: Cursors
  /** Where the outside reaches this server; null: as each request says. */
  publicUrl: string | null
  /** The one path by which a call changes. */
  writer: Pick<ReportWriter, 'write'>
  carrierAccountId: number
  carrierIsLive: boolean
  carrierName: string
  recordings: Pick<Carrier, 'findRecordings' | 'openRecording' | 'deleteRecording'>
  /** Bytes of a sound file that comes with a request. */
  audioLimit: number
  callerIds: (workspaceId: number) => Promise<CallerIds>
}
