import type { Call } from './call.ts'

/** All calls the carrier knows, oldest first, with the two ways they are looked up. */
export interface CallBook {
  readonly calls: readonly Call[]
  add(call: Call): void
  bySid(sid: string): Call | undefined
  /** The calls to one number, oldest first. */
  byTo(to: string): readonly Call[]
  /** The calls that one call dialed, oldest first. */
  childrenOf(sid: string): readonly Call[]
  /** How many calls have not ended. */
  open(): number
  ended(): void
}

const NONE: readonly Call[] = []

export function openCallBook(): CallBook {
  const calls: Call[] = []
  const sids = new Map<string, Call>()
  const numbers = new Map<string, Call[]>()
  const children = new Map<string, Call[]>()
  let open = 0
  return {
    calls,
    add(call) {
      calls.push(call)
      sids.set(call.sid, call)
      append(numbers, call.to, call)
      if (call.parentSid !== null) append(children, call.parentSid, call)
      if (call.live) open += 1
    },
    bySid: (sid) => sids.get(sid),
    byTo: (to) => numbers.get(to) ?? NONE,
    childrenOf: (sid) => children.get(sid) ?? NONE,
    open: () => open,
    ended() {
      open -= 1
    },
  }
}

function append(lists: Map<string, Call[]>, key: string, call: Call): void {
  const list = lists.get(key)
  if (list) list.push(call)
  else lists.set(key, [call])
}
