import { useProductNow } from '../../lib/product-time.ts'
import { formatClock } from '../../lib/time-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { frequencyWords } from './plan-words.ts'
import { DueMark } from './plan-row.tsx'
import type { CallPlan } from './read-today.ts'
import classes from './plan-facts.module.css'

export function PlanFacts({ plan }: { plan: CallPlan }) {
  const zone = plan.person?.time_zone ?? null
  return (
    <dl className={classes.facts}>
      <dt>Due</dt>
      <dd>
        <DueMark plan={plan} />
      </dd>
      <dt>How often</dt>
      <dd>{frequencyWords(plan.frequency)}</dd>
      <dt>Last called</dt>
      <dd>{plan.last_called === null ? 'Never' : <ClockTime iso={plan.last_called} />}</dd>
      {zone !== null && (
        <>
          <dt>Their time</dt>
          <dd>
            <LocalTime zone={zone} />
          </dd>
        </>
      )}
      {plan.notes !== '' && (
        <>
          <dt>Notes</dt>
          <dd className={classes.notes}>{plan.notes}</dd>
        </>
      )}
    </dl>
  )
}

function LocalTime({ zone }: { zone: string }) {
  const now = useProductNow()
  return (
    <span className="numerals" role="timer">
      {formatClock(new Date(now).toISOString(), zone, now).slice(0, 5)} ({zone})
    </span>
  )
}
