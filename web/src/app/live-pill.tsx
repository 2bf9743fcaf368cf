import { formatSpan } from '../lib/time-format.ts'
import { useLiveState } from '../lib/live-state.ts'
import { useBrowserNow } from '../lib/product-time.ts'
import classes from './live-pill.module.css'

/** Whether what the page shows is the present. Its width is that of its longest words, so nothing beside it moves. */
export function LivePill() {
  const { phase, heardAt } = useLiveState()
  const silent = <Silence since={heardAt} />
  return (
    <span className={classes.pill} data-phase={phase}>
      <span className={classes.dot} aria-hidden />
      {phase === 'offline' ? (
        <span aria-hidden>
          <span className={classes.long}>Offline – last data {silent} ago</span>
          <span className={classes.short}>Offline {silent}</span>
        </span>
      ) : (
        <span aria-hidden>{phase === 'live' ? 'Live' : 'Connecting…'}</span>
      )}
      <span className="unseen" role="status">
        {phase === 'offline' && 'The connection is lost; what you see is old.'}
        {phase === 'live' && 'Live'}
      </span>
    </span>
  )
}

/** How long nothing was heard, counting on. */
function Silence({ since }: { since: number | null }) {
  const now = useBrowserNow()
  return <>{formatSpan(since === null ? 0 : (now - since) / 1000)}</>
}
