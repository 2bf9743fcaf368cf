/**
 * Writes reports: the one path by which calls change after their birth. They are written many at a time, and a promise
 * given for a report resolves only after its transaction is committed.
 */
import { createGroupCommit, type GroupCommit } from '../db/group-commit.ts'
import type { Sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import { createCallMemory } from './call-memory.ts'
import type { Call } from './call.ts'
import { writeBatch, type Follower, type Written } from './report-batch.ts'
import type { Report } from './report.ts'

export type ReportWriter = GroupCommit<Report, Written> & {
  /** Tells of calls that were born or taken up in a transaction of its own, after it was committed. */
  remember(calls: readonly Call[]): void
}

export function createReportWriter(deps: {
  sql: Sql
  log: Log
  carrierAccountId: number
  followers: readonly Follower[]
}): ReportWriter {
  const memory = createCallMemory()
  // Batches follow one another, so what the last one folded is what was just committed.
  let folded: readonly Call[] = []
  const commits = createGroupCommit<Report, Written>({
    sql: deps.sql,
    log: deps.log,
    async writeBatch(tx, reports) {
      const batch = await writeBatch(tx, reports, { ...deps, memory })
      folded = batch.calls
      return batch.written
    },
    about: ({ callId }) => ({ callId }),
    settled(reports, isCommitted) {
      if (isCommitted) memory.keep(folded)
      else memory.forget(reports.map((report) => report.callId))
    },
  })
  return { ...commits, remember: memory.keep }
}
