/** Leads that a dialer put before this agent, newest first, for as long as the page is open. */
import { useSyncExternalStore } from 'react'

let waiting: readonly number[] = []
const listeners = new Set<() => void>()

export function popLead(id: number): void {
  waiting = [id, ...waiting.filter((other) => other !== id)].slice(0, 50)
  tell()
}

/** The lead is on the screen now. */
export function takeLead(id: number): void {
  if (!waiting.includes(id)) return
  waiting = waiting.filter((other) => other !== id)
  tell()
}

export function usePoppedLeads(): readonly number[] {
  return useSyncExternalStore(subscribe, () => waiting)
}

function tell(): void {
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
