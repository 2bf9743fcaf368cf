import { useLayoutEffect, useRef, useState } from 'react'

interface Rows {
  count: number
  rowHeight: number
  keyAt: (index: number) => string
}

/**
 * Keeps the row at the top of the view where it is when others arrive above it. Returns how many arrived since the
 * top of the list was last seen.
 */
export function useSteadyView(scroller: HTMLElement | null, { count, rowHeight, keyAt }: Rows): number {
  const anchor = useRef<{ key: string; offset: number } | null>(null)
  const seenTop = useRef<string | null>(null)
  const [arrived, setArrived] = useState(0)

  useLayoutEffect(() => {
    if (scroller === null) return
    const remember = () => {
      const index = Math.floor(scroller.scrollTop / rowHeight)
      const atTop = scroller.scrollTop < rowHeight / 2 || index >= count
      if (atTop) {
        seenTop.current = count > 0 ? keyAt(0) : null
        setArrived(0)
      }
      anchor.current = atTop ? null : { key: keyAt(index), offset: scroller.scrollTop - index * rowHeight }
    }
    if (anchor.current !== null) {
      const index = indexOfKey(anchor.current.key, count, keyAt)
      if (index >= 0)
        scroller.scrollTo({ top: index * rowHeight + anchor.current.offset, behavior: 'instant' })
      const seen = seenTop.current === null ? -1 : indexOfKey(seenTop.current, count, keyAt)
      // oxlint-disable-next-line react/set-state-in-effect -- it is read off the place the list was just moved to
      if (seen >= 0) setArrived(seen)
    }
    remember()
    scroller.addEventListener('scroll', remember, { passive: true })
    return () => scroller.removeEventListener('scroll', remember)
  }, [scroller, count, rowHeight, keyAt])

  return arrived
}

/** Where the row with this key is; -1 when it is gone. */
export function indexOfKey(key: string, count: number, keyAt: (index: number) => string): number {
  for (let index = 0; index < count; index += 1) if (keyAt(index) === key) return index
  return -1
}
