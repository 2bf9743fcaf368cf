import type { Message, ReceivedMessage } from '../../lib/api-types.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import classes from './message-row.module.css'

export function MessageHead({ last }: { last: string }) {
  return (
    <div className={classes.columns}>
      <span role="columnheader">Number</span>
      <span role="columnheader" className={classes.words}>
        Text
      </span>
      <span role="columnheader">{last}</span>
      <span role="columnheader" className={classes.at}>
        When
      </span>
    </div>
  )
}

export function MessageRow({ message }: { message: Message }) {
  return (
    <div className={classes.columns}>
      <span role="gridcell" className={classes.number}>
        {message.to_number}
      </span>
      <span role="gridcell" className={classes.words}>
        {message.body}
      </span>
      <span role="gridcell">
        <StateMark state={message.state} />
      </span>
      <span role="gridcell" className={classes.at}>
        <ClockTime iso={message.created_at} />
      </span>
    </div>
  )
}

const meanings: Record<string, string> = {
  stop: 'No more texts',
  start: 'Texts again',
  help: 'Asked for help',
}

export function ReceivedRow({ message }: { message: ReceivedMessage }) {
  return (
    <div className={classes.columns}>
      <span role="gridcell" className={classes.number}>
        {message.from_number}
      </span>
      <span role="gridcell" className={classes.words}>
        {message.body}
      </span>
      <span role="gridcell">{message.word === null ? '–' : (meanings[message.word] ?? message.word)}</span>
      <span role="gridcell" className={classes.at}>
        <ClockTime iso={message.received_at} />
      </span>
    </div>
  )
}
