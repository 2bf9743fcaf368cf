import { useEffect, useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { formatCount } from '../lib/number-format.ts'
import { indexOfKey, useSteadyView } from './steady-view.ts'
import classes from './row-grid.module.css'

interface RowGridProps {
  label: string
  count: number
  /** How many there are in all, when more can come than `count`. */
  total?: number
  rowHeight: number
  keyAt: (index: number) => string
  /** The cells of a row: elements with `role="gridcell"`. */
  renderRow: (index: number) => ReactNode
  /** The cells of the head: elements with `role="columnheader"`. */
  head?: ReactNode
  onOpen?: (index: number) => void
  /** Called when the rows near the end come into view. */
  onEnd?: (() => void) | undefined
  /** Told the visible range, for lists whose rows are read as they are seen. */
  onRange?: (first: number, last: number) => void
}

/**
 * Rows without number: only those in view are in the page. One tab stop, moved in by arrow keys or J and K; rows
 * that come or go above never move what is being read.
 */
export function RowGrid(props: RowGridProps) {
  const { count, rowHeight, keyAt, onEnd, onRange } = props
  const id = useId()
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  const [activeKey, setActiveKey] = useState<string | null>(null)
  // Nothing of the virtualizer is handed on or remembered, so it does not matter that it cannot be memoized.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeight,
    getItemKey: keyAt,
    overscan: 6,
  })
  const items = virtualizer.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? -1
  const arrivedCount = useSteadyView(scroller, { count, rowHeight, keyAt })

  useEffect(() => {
    if (count > 0 && last >= count - 5) onEnd?.()
  }, [last, count, onEnd])
  useEffect(() => onRange?.(first, last), [first, last, onRange])

  const active = activeKey === null ? -1 : indexOfKey(activeKey, count, keyAt)

  function move(to: number): void {
    const index = Math.min(count - 1, Math.max(0, to))
    setActiveKey(keyAt(index))
    virtualizer.scrollToIndex(index)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return
    const page = Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / rowHeight) - 1)
    const target = targetOf(event.key, { active, last: count - 1, page })
    if (target !== null) {
      event.preventDefault()
      move(target)
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault()
      props.onOpen?.(active)
    }
  }

  return (
    <div className={classes.frame}>
      <div
        ref={setScroller}
        className={classes.scroller}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={(props.total ?? count) + (props.head ? 1 : 0)}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        data-rows
        onKeyDown={onKeyDown}
      >
        {props.head && (
          <div role="row" aria-rowindex={1} className={classes.head}>
            {props.head}
          </div>
        )}
        <div role="rowgroup" className={classes.body} style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => (
            <div
              key={item.key}
              id={`${id}-${item.index}`}
              role="row"
              aria-rowindex={item.index + (props.head ? 2 : 1)}
              className={classes.row}
              data-active={item.index === active || undefined}
              data-opens={props.onOpen ? true : undefined}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={() => {
                setActiveKey(keyAt(item.index))
                props.onOpen?.(item.index)
              }}
            >
              {props.renderRow(item.index)}
            </div>
          ))}
        </div>
      </div>
      {arrivedCount > 0 && (
        <button type="button" className={classes.arrived} onClick={() => scroller?.scrollTo({ top: 0 })}>
          ▲ {formatCount(arrivedCount)} new
        </button>
      )}
    </div>
  )
}

function targetOf(key: string, at: { active: number; last: number; page: number }): number | null {
  switch (key) {
    case 'ArrowDown':
      return at.active + 1
    case 'ArrowUp':
      return at.active - 1
    case 'PageDown':
      return at.active + at.page
    case 'PageUp':
      return at.active - at.page
    case 'Home':
      return 0
    case 'End':
      return at.last
    default:
      return null
  }
}

/** Moves in the list that has the focus, else in the first of the page. For J and K, which work from anywhere. */
export function moveInRows(key: 'ArrowDown' | 'ArrowUp'): void {
  const focused = document.activeElement?.closest<HTMLElement>('[data-rows]')
  const visible = [...document.querySelectorAll<HTMLElement>('[data-rows]')].find(
    (one) => one.offsetParent !== null,
  )
  const grid = focused ?? visible
  if (grid === undefined) return
  grid.focus()
  grid.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true }))
}
