import type { JobHandler } from '../jobs/job-loop.ts'
import type { JobKind } from '../jobs/job.ts'
import { bulkCallsHandler, type BulkOptions } from './bulk-calls-job.ts'
import { importHandler } from './import-job.ts'

/** Who does the work of which kind. */
export function campaignJobs(options: BulkOptions): Record<JobKind, JobHandler> {
  return { import: importHandler(options), bulk_calls: bulkCallsHandler(options) }
}
