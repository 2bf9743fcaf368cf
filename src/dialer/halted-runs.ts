/**
 * Runs that were stopped or paused a moment ago. Their intents that are not written yet are given back at once instead of
 * when they grow old. The database remains the truth: who misses the word is late by an intent's age, and no more.
 */
export type HaltedRuns = {
  halt(runId: number): void
  /** Whether a run was halted after `sinceMs`, monotonic. */
  isHalted(runId: number | null, sinceMs: number): boolean
}

export function createHaltedRuns(keptMs: number): HaltedRuns {
  const haltedAt = new Map<number, number>()
  return {
    halt(runId) {
      const nowMs = performance.now()
      for (const [id, atMs] of haltedAt) if (atMs < nowMs - keptMs) haltedAt.delete(id)
      haltedAt.set(runId, nowMs)
    },
    isHalted: (runId, sinceMs) => runId !== null && (haltedAt.get(runId) ?? -Infinity) >= sinceMs,
  }
}
