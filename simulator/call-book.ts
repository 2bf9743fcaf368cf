import type { Call } from './call.ts'

/** All calls the carrier knows, oldest first, with the two ways they are looked up. */
export interface CallBook {
  readonly calls: readonly Call[]
  add(call: Call): void
  bySid(sid: string): Call | undefined
  /** The calls to one number, oldest first. */
  byTo(to: string): readonly Call[]
  /** How many calls have not ended. */
  open(): number
  ended(): void
}

const NONE: readonly Call[] = []

export function openCallBook(): CallBook {
  const calls: Call[] = []
  const sids = new Map<string, Call>()
  const numbers = new Map<string, Call[]>()
  let open = 0
  return {
    calls,
    add(call) {
      calls.push(call)
      sids.set(call.sid, call)
      const same = numbers.get(call.to)
      if (same) same.push(call)
      else numbers.set(call.to, [call])
      if (call.live) open += 1
    },
    bySid: (sid) => sids.get(sid),
    byTo: (to) => numbers.get(to) ?? NONE,
    open: () => open,
    ended() {
      open -= 1
    },
  }
}
