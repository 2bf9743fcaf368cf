import { lookOf } from './state.ts'
import classes from './state-mark.module.css'

/** A state as mark and word; `bare` leaves the word to screen readers. */
export function StateMark({ state, bare = false }: { state: string; bare?: boolean }) {
  const { icon: Icon, color, word } = lookOf(state)
  return (
    <span className={classes.mark}>
      <Icon size={14} stroke={2.4} color={color} aria-hidden />
      <span className={bare ? 'unseen' : undefined}>{word}</span>
    </span>
  )
}
