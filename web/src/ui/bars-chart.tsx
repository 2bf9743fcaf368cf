import { formatCount, formatShare } from '../lib/number-format.ts'
import classes from './chart.module.css'

export interface Bar {
  name: string
  count: number
  color?: string
  /** Part of the count, drawn darker: the answered of the called. */
  part?: number
}

/** Counts side by side, each with its words, so that nothing has to be guessed from a length. */
export function BarsChart(props: {
  title: string
  bars: readonly Bar[]
  /** What the part of each bar is. */
  partName?: string
  empty: string
}) {
  const { title, bars, partName, empty } = props
  const most = Math.max(1, ...bars.map((bar) => bar.count))
  const total = bars.reduce((sum, bar) => sum + bar.count, 0)
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>
        <span className={classes.title}>{title}</span>
      </figcaption>
      {bars.length === 0 ? (
        <p className={classes.empty}>{empty}</p>
      ) : (
        <ul className={classes.bars}>
          {bars.map(({ name, count, color, part }) => (
            <li key={name} className={classes.bar}>
              <span className={classes.name}>{name}</span>
              <span className={classes.track} aria-hidden>
                <span
                  className={classes.fill}
                  style={{ width: `${(100 * count) / most}%`, ...(color ? { background: color } : {}) }}
                />
                {part !== undefined && (
                  <span className={classes.part} style={{ width: `${(100 * part) / most}%` }} />
                )}
              </span>
              <span className={classes.count}>
                {formatCount(count)}
                <span className={classes.share}>
                  {part === undefined
                    ? formatShare(count, total)
                    : `${formatShare(part, count)} ${partName ?? ''}`}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  )
}
