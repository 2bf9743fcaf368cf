import { formatCount } from '../../lib/number-format.ts'
import type { Bucket } from './board.ts'
import classes from './lane-head.module.css'

export const laneTitles: Record<Bucket, string> = {
  pending: 'Pending',
  active: 'Active',
  completed: 'Completed',
  failed: 'Failed',
}

const colors: Record<Bucket, string> = {
  pending: 'var(--state-pending)',
  active: 'var(--state-in-progress)',
  completed: 'var(--state-completed)',
  failed: 'var(--state-failed)',
}

/** One of the four counts, at the head of its lane. */
export function LaneHead({ bucket, count }: { bucket: Bucket; count: number | undefined }) {
  return (
    <h2 className={classes.head}>
      <span className={classes.title}>
        <span className={classes.dot} style={{ background: colors[bucket] }} aria-hidden />
        {laneTitles[bucket]}
      </span>
      <span className={classes.count}>{count !== undefined && formatCount(count)}</span>
    </h2>
  )
}

/** The four counts of a narrow screen; the chosen one says which lane is shown below. */
export function LaneTabs(props: {
  summary: Record<Bucket, number> | undefined
  chosen: Bucket
  onChoose: (bucket: Bucket) => void
}) {
  return (
    <div className={classes.tabs} role="group" aria-label="Which calls to show">
      {(['pending', 'active', 'completed', 'failed'] as const).map((bucket) => (
        <button
          key={bucket}
          type="button"
          className={classes.tab}
          aria-pressed={bucket === props.chosen}
          onClick={() => props.onChoose(bucket)}
        >
          <span className={classes.tabCount}>
            {props.summary !== undefined && formatCount(props.summary[bucket])}
          </span>
          <span className={classes.tabTitle}>
            <span className={classes.dot} style={{ background: colors[bucket] }} aria-hidden />
            {laneTitles[bucket]}
          </span>
        </button>
      ))}
    </div>
  )
}
