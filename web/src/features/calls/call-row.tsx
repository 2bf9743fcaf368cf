import { ClockTime } from '../../ui/clock-time.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import type { Call } from './board.ts'
import { TalkTimer } from './talk-timer.tsx'
import classes from './call-row.module.css'

/** A call in a lane: whom, who, in which state, since when or for how long. */
export function CallRow({ call, left }: { call: Call; left: boolean }) {
  const talked = call.started_at !== null
  return (
    <div role="gridcell" className={classes.row} data-left={left || undefined}>
      <span className={classes.line}>
        <span className={classes.number}>{call.to_number}</span>
        <span className={classes.when}>
          {talked ? <TalkTimer call={call} /> : <ClockTime iso={call.created_at} />}
        </span>
      </span>
      <span className={classes.line}>
        <span className={classes.name}>{call.customer_name ?? 'No name'}</span>
        <span className={classes.state}>
          <StateMark state={wordOf(call)} />
        </span>
      </span>
    </div>
  )
}

/** Our precise word where there is one: "unknown" and "held" say more than the status they are shown as. */
export function wordOf(call: { state?: string; status: string }): string {
  return call.state ?? call.status
}
