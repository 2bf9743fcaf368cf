import type { CallDetail } from '../../lib/api-types.ts'
import { formatSpan } from '../../lib/time-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { lookOf } from '../../ui/state.ts'
import { describeEntry } from './history-words.ts'
import classes from './call-history.module.css'

/** Everything that was learned about a call, in the order in which it was learned. */
export function CallHistory({ call }: { call: CallDetail }) {
  const history = call.history ?? []
  return (
    <section aria-label="History" className={classes.section}>
      <h2>History</h2>
      {history.length === 0 && <p className={classes.none}>Nothing was reported yet.</p>}
      <ol className={classes.list}>
        {history.map((entry, index) => {
          const { icon: Icon, color, word } = lookOf(entry.state)
          const { what, how } = describeEntry(entry, word)
          const before = history[index - 1]
          const gap = before === undefined ? 0 : (Date.parse(entry.at) - Date.parse(before.at)) / 1000
          return (
            <li key={`${entry.at} ${index}`} className={classes.entry}>
              <Icon size={14} stroke={2.4} color={color} aria-hidden />
              <span className={classes.words}>
                <span>{what}</span>
                <span className={classes.state}>
                  {how}
                  {gap >= 1 && ` · ${formatSpan(gap)} later`}
                </span>
              </span>
              <span className={classes.at}>
                <ClockTime iso={entry.at} />
              </span>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
