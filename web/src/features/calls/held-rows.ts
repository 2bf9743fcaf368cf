import { useState } from 'react'
import { findCall, type Board, type Call } from './board.ts'

/** A row of a lane. `left`: the call went to another lane while somebody was reading this one. */
export interface LaneRow {
  call: Call
  left: boolean
}

/**
 * The rows of a lane while it is held: the same calls in the same places, with their newest state. Those that came
 * meanwhile are only counted.
 */
export function holdRows(shownIds: readonly string[], calls: readonly Call[], board: Board) {
  const here = new Map(calls.map((call) => [call.call_id, call]))
  const rows: LaneRow[] = []
  let kept = 0
  for (const id of shownIds) {
    const call = here.get(id)
    if (call !== undefined) {
      rows.push({ call, left: false })
      kept += 1
      continue
    }
    const elsewhere = findCall(board, id)
    if (elsewhere !== undefined) rows.push({ call: elsewhere, left: true })
  }
  return { rows, waiting: calls.length - kept }
}

/** The rows to show: the lane as it is, or as it was when it began to be held. */
export function useHeldRows(calls: readonly Call[], board: Board, held: boolean) {
  const [shownIds, setShownIds] = useState<readonly string[] | null>(null)
  if (held && shownIds === null) setShownIds(calls.map((call) => call.call_id))
  if (!held && shownIds !== null) setShownIds(null)
  if (!held || shownIds === null) return { rows: calls.map((call) => ({ call, left: false })), waiting: 0 }
  return holdRows(shownIds, calls, board)
}
