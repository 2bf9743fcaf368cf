import { clockWords, clocksChange, dayDifference, dayWords, placeWords } from '../../lib/zone-words.ts'
import classes from './requests.module.css'

/** An instant on my clock, and below it on the other party's; with a word when a day or a change of clocks lies between. */
export function BothClocks(props: { iso: string; mine: string; theirs: string; name: string; now: number }) {
  const { iso, mine, theirs, name, now } = props
  const days = dayDifference(iso, theirs, mine)
  const changes = [
    ...(clocksChange(now, iso, mine) ? ['your'] : []),
    ...(clocksChange(now, iso, theirs) ? [`${name}’s`] : []),
  ]
  return (
    <time dateTime={iso} className={classes.clocks}>
      <strong>
        {dayWords(iso, mine)}, {clockWords(iso, mine)}
      </strong>{' '}
      <span className={classes.quiet}>
        {clockWords(iso, theirs)} for {name} ({placeWords(iso, theirs)})
        {days === 0 ? '' : days > 0 ? ', next day' : ', day before'}
      </span>
      {changes.length > 0 && (
        <span className={classes.note}>
          {' '}
          The clocks change in {changes.join(' and in ')} place before then.
        </span>
      )}
    </time>
  )
}
