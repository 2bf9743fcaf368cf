import { useSyncExternalStore } from 'react'

/** `heardAt` is when the stream last said anything (browser clock, ms); null before the first word. */
export interface LiveState {
  phase: 'connecting' | 'live' | 'offline'
  heardAt: number | null
}

let state: LiveState = { phase: 'connecting', heardAt: null }
const listeners = new Set<() => void>()

export function setLiveState(next: LiveState): void {
  if (next.phase === state.phase && next.heardAt === state.heardAt) return
  state = next
  for (const listener of listeners) listener()
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => state)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
