import { useSyncExternalStore } from 'react'

/**
 * The server's product clock, as far as the browser can know it: its own clock plus the difference seen when the
 * mode was read. All timers on a page share one tick a second, and none ticks when nobody looks.
 */
let offsetMs = 0
let tick = Date.now()
let timer: number | undefined
const listeners = new Set<() => void>()

/** Tells the page what the product clock showed just now. */
export function setProductTime(iso: string): void {
  const at = Date.parse(iso)
  if (!Number.isNaN(at)) offsetMs = at - Date.now()
}

/** Milliseconds since 1970, on the product clock. */
export function productNow(): number {
  return Date.now() + offsetMs
}

/** The browser's own time, renewed once a second while the component is on the page. */
export function useBrowserNow(): number {
  return useSyncExternalStore(subscribe, () => tick)
}

/** The product time, renewed once a second while the component is on the page. */
export function useProductNow(): number {
  return useBrowserNow() + offsetMs
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    tick = Date.now()
    timer = window.setInterval(() => {
      tick = Date.now()
      for (const each of listeners) each()
    }, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}
