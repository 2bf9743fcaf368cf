import { isOpen, type Call } from './call.ts'

/**
 * Open calls as this process last committed them, so that a report about one of them need not read its row first. Only
 * a hint: whoever writes by it says which version it believed, and reads the row when that was not the newest.
 */
export type CallMemory = {
  find(callId: string): Call | undefined
  /** Takes what was just committed; calls that are over are forgotten. */
  keep(calls: readonly Call[]): void
  forget(callIds: readonly string[]): void
}

/** Calls that other processes ended stay until newer ones push them out. */
const mostRemembered = 50_000

export function createCallMemory(): CallMemory {
  const calls = new Map<string, Call>()
  return {
    find: (callId) => calls.get(callId),
    keep(committed) {
      for (const call of committed) {
        calls.delete(call.id)
        if (isOpen(call.state)) calls.set(call.id, call)
      }
      for (const [oldest] of calls) {
        if (calls.size <= mostRemembered) break
        calls.delete(oldest)
      }
    },
    forget(callIds) {
      for (const callId of callIds) calls.delete(callId)
    },
  }
}
