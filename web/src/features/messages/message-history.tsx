import type { MessageDetail } from '../../lib/api-types.ts'
import { formatSpan } from '../../lib/time-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { lookOf } from '../../ui/state.ts'
import classes from './message-history.module.css'

const sources: Record<string, string> = {
  dialer: 'the sender',
  answer: 'the carrier’s answer',
  webhook: 'a carrier report',
  poll: 'asking the carrier',
  list: 'the carrier’s list',
  person: 'a person',
}

const kinds: Record<string, string> = {
  created: 'Handed in',
  intended: 'Taken up to be sent',
  refused: 'Refused by the carrier',
  unavailable: 'The carrier was not available',
  unclear: 'No clear answer came',
  absent: 'The carrier does not know it',
  overdue: 'No delivery report came',
  foreign: 'Report of another text, ignored',
  dropped: 'Not sent',
}

/** Everything that was learned about a text, in the order in which it was learned. */
export function MessageHistory({ message }: { message: MessageDetail }) {
  const { history } = message
  return (
    <section aria-label="Delivery history" className={classes.section}>
      <h2>Delivery history</h2>
      <ol className={classes.list}>
        {history.map((entry, index) => {
          const { icon: Icon, color, word } = lookOf(entry.state)
          const before = history[index - 1]
          const gap = before === undefined ? 0 : (Date.parse(entry.at) - Date.parse(before.at)) / 1000
          return (
            <li key={entry.sequence} className={classes.entry}>
              <Icon size={14} stroke={2.4} color={color} aria-hidden />
              <span className={classes.words}>
                <span>{described(entry, word)}</span>
                <span className={classes.how}>
                  from {sources[entry.source] ?? entry.source}
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

type Entry = MessageDetail['history'][number]

/** What happened; a mere progress is named by its state. */
function described({ kind, detail }: Entry, stateWord: string): string {
  const what = kind === 'progress' ? stateWord : (kinds[kind] ?? kind.replace(/_/g, ' '))
  const reason = detail?.['reason']
  return typeof reason === 'string' && reason !== '' ? `${what}: ${reason.replace(/_/g, ' ')}` : what
}
