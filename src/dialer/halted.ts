/** On which the database tells of opt-outs when they commit. */
export const doNotCallChannel = 'trunkline_do_not_call'

/**
 * Runs that were stopped or paused a moment ago, and people who just said that they must not be called. Intents that are
 * not written yet are given back at once instead of when they grow old. The database remains the truth: who misses the
 * word is late by an intent's age, and no more.
 */
export type Halted = {
  haltRun(runId: number): void
  /** As the channel tells it: `workspace number`; empty: many at once, so whatever was allowed is asked about again. */
  hearOptOut(person: string): void
  /** Whether it was halted after `sinceMs`, monotonic. */
  isHalted(intent: { workspaceId: number; runId: number | null; to: string }, sinceMs: number): boolean
}

export function createHalted(keptMs: number): Halted {
  const haltedAt = new Map<string, number>()
  let allAtMs = -Infinity
  const halt = (key: string): void => {
    const nowMs = performance.now()
    for (const [known, atMs] of haltedAt) if (atMs < nowMs - keptMs) haltedAt.delete(known)
    haltedAt.set(key, nowMs)
  }
  return {
    haltRun: (runId) => halt(`run ${runId}`),
    hearOptOut(person) {
      if (person === '') allAtMs = performance.now()
      else halt(person)
    },
    isHalted: ({ workspaceId, runId, to }, sinceMs) =>
      Math.max(
        allAtMs,
        haltedAt.get(`run ${runId}`) ?? -Infinity,
        haltedAt.get(`${workspaceId} ${to}`) ?? -Infinity,
      ) >= sinceMs,
  }
}
