/** Work to be done now, by whichever process takes it. */

export type JobStatus = 'queued' | 'running' | 'done' | 'failed' | 'canceled'

export type JobKind = 'import' | 'bulk_calls'

export type Job = {
  workspaceId: number
  id: number
  kind: JobKind
  status: JobStatus
  campaignId: number | null
  /** Steps in all; null while nobody can know. */
  total: number | null
  /** Steps done: the cursor from which the work goes on. */
  done: number
  /** What its kind needs to go on after a crash. */
  state: unknown
  /** What the columns of the list it reads are called there; null when it reads none. */
  columns: string[] | null
  /** Why it failed. */
  error: string | null
  owner: number | null
  createdBy: string | null
}

/** The right to work on jobs, held by this process while it lives. */
export type JobWorker = {
  /** Its id, which nobody else ever has; null while it has no right to work. */
  current(): number | null
  /** Whether another worker is gone for good, so that its jobs may be taken over. */
  isGone(otherId: number): Promise<boolean>
}

export function isOver(status: JobStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'canceled'
}
