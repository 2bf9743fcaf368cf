import { formatCount, formatShare } from '../lib/number-format.ts'
import { lookOf } from './state.ts'
import classes from './segmented-bar.module.css'

export interface Segment {
  status: string
  count: number
}

/** A whole divided into states. What it shows is also its text, so nobody has to see it. */
export function SegmentedBar(props: { segments: readonly Segment[]; total: number; tall?: boolean }) {
  const { segments, total, tall = false } = props
  const words = segments.map(
    ({ status, count }) => `${formatCount(count)} ${lookOf(status).word.toLowerCase()}`,
  )
  return (
    <div
      className={classes.bar}
      data-tall={tall || undefined}
      role="img"
      aria-label={words.length === 0 ? 'No numbers yet' : words.join(', ')}
    >
      {segments.map(({ status, count }) => {
        const { color, striped } = lookOf(status)
        return (
          <span
            key={status}
            className={classes.segment}
            data-striped={striped || undefined}
            data-waiting={status === 'waiting' || undefined}
            style={{ flexGrow: count / Math.max(1, total), color }}
          />
        )
      })}
    </div>
  )
}

/** The counts of a bar as text, each with its mark. Every count has the width of the whole, so nothing jumps. */
export function SegmentLegend({ segments, total }: { segments: readonly Segment[]; total: number }) {
  const width = `${formatCount(total).length}ch`
  return (
    <ul className={classes.legend}>
      {segments.map(({ status, count }) => {
        const { icon: Icon, color, word } = lookOf(status)
        return (
          <li key={status} className={classes.entry}>
            <Icon size={14} stroke={2.4} color={color} aria-hidden />
            <span className={classes.word}>{word}</span>
            <span className={classes.count} style={{ minWidth: width }}>
              {formatCount(count)}
            </span>
            <span className={classes.share}>{formatShare(count, total)}</span>
          </li>
        )
      })}
    </ul>
  )
}
