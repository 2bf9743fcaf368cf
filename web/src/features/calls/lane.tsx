import { useCallback, useState } from 'react'
import { Button } from '@mantine/core'
import { formatCount } from '../../lib/number-format.ts'
import { Empty } from '../../ui/empty.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import { laneLimit, type Board, type Bucket, type Call } from './board.ts'
import { CallRow } from './call-row.tsx'
import { useHeldRows } from './held-rows.ts'
import { laneTitles } from './lane-head.tsx'
import classes from './lane.module.css'

interface LaneProps {
  bucket: Bucket
  board: Board
  calls: readonly Call[]
  /** The whole board is paused. */
  paused: boolean
  filtered: boolean
  paging: { loading: boolean; failed: boolean; more: () => Promise<void> }
  onOpen: (call: Call) => void
}

const rowHeight = 56

const emptyWords: Record<Bucket, string> = {
  pending: 'No call waits to be placed.',
  active: 'Nobody is ringing or talking.',
  completed: 'No call was completed yet.',
  failed: 'No call has failed.',
}

/** One lane of the board. It holds still while a pointer is over it or the keyboard moves in it. */
export function Lane({ bucket, board, calls, paused, filtered, paging, onOpen }: LaneProps) {
  const [hovered, setHovered] = useState(false)
  const [keyed, setKeyed] = useState(false)
  const { rows, waiting } = useHeldRows(calls, board, paused || hovered || keyed)
  const { next } = board.lanes[bucket]
  const { loading, failed, more } = paging

  const onEnd = useCallback(() => {
    if (next !== null && !loading && !failed) void more()
  }, [next, loading, failed, more])

  return (
    <div
      className={classes.lane}
      onPointerEnter={(event) => setHovered(event.pointerType === 'mouse')}
      onPointerLeave={() => setHovered(false)}
      onFocus={(event) => setKeyed(event.target.matches(':focus-visible'))}
      onBlur={() => setKeyed(false)}
    >
      {rows.length === 0 ? (
        <Empty>{filtered ? 'No call here matches the filter.' : emptyWords[bucket]}</Empty>
      ) : (
        <RowGrid
          label={`${laneTitles[bucket]} calls`}
          count={rows.length}
          total={Math.max(rows.length, board.summary[bucket])}
          rowHeight={rowHeight}
          keyAt={(index) => rows[index]?.call.call_id ?? ''}
          renderRow={(index) => {
            const row = rows[index]
            return row && <CallRow call={row.call} left={row.left} />
          }}
          onOpen={(index) => {
            const row = rows[index]
            if (row) onOpen(row.call)
          }}
          onEnd={onEnd}
        />
      )}
      <LaneFoot
        failed={failed}
        words={footWords({ waiting, loading, shown: rows.length })}
        onRetry={() => void more()}
      />
    </div>
  )
}

/** Lies over the end of the lane while there is something to say, so that the lane keeps its height. */
function LaneFoot({ failed, words, onRetry }: { failed: boolean; words: string; onRetry: () => void }) {
  if (failed) {
    return (
      <div className={classes.foot}>
        The rest did not load.{' '}
        <Button size="compact-xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      </div>
    )
  }
  return words === '' ? null : <p className={classes.foot}>{words}</p>
}

function footWords(lane: { waiting: number; loading: boolean; shown: number }): string {
  if (lane.waiting > 0) return `Holding still · ${formatCount(lane.waiting)} new`
  if (lane.loading) return 'Loading older calls…'
  if (lane.shown >= laneLimit) return `The newest ${formatCount(laneLimit)}; filter to find older ones`
  return ''
}
