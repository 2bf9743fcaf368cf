import { IconAlertTriangle, IconCalendarEvent } from '@tabler/icons-react'
import { useProductNow } from '../../lib/product-time.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { useZone } from '../../ui/zone.ts'
import { daysOverdue, frequencyWords, nameOf, overdueWords } from './plan-words.ts'
import type { CallPlan } from './read-today.ts'
import classes from './plan-row.module.css'

export function PlanHead() {
  return (
    <div className={classes.row} role="presentation">
      <span role="columnheader">Lead</span>
      <span role="columnheader">Due</span>
      <span role="columnheader" className={classes.wide}>
        How often
      </span>
      <span role="columnheader" className={classes.wide}>
        Last called
      </span>
      <span role="columnheader" className={classes.wide}>
        Notes
      </span>
    </div>
  )
}

export function PlanRow({ plan }: { plan: CallPlan }) {
  return (
    <div className={classes.row} role="presentation">
      <span role="gridcell" className={classes.who}>
        <span className={classes.name}>{nameOf(plan)}</span>
        <span className={classes.phone}>{plan.person?.phone || 'No phone'}</span>
      </span>
      <span role="gridcell">
        <DueMark plan={plan} />
      </span>
      <span role="gridcell" className={classes.wide}>
        {frequencyWords(plan.frequency)}
      </span>
      <span role="gridcell" className={classes.wide}>
        {plan.last_called === null ? 'Never' : <ClockTime iso={plan.last_called} />}
      </span>
      <span role="gridcell" className={`${classes.wide} ${classes.notes}`}>
        {plan.notes}
      </span>
    </div>
  )
}

/** Today, or how late it is. Told by a mark and words, never by colour alone. */
export function DueMark({ plan }: { plan: CallPlan }) {
  const days = daysOverdue(plan, useZone(), useProductNow())
  const late = days > 0
  const Icon = late ? IconAlertTriangle : IconCalendarEvent
  return (
    <span className={classes.due} data-late={late || undefined}>
      <Icon size={15} stroke={2} aria-hidden />
      {overdueWords(days)}
    </span>
  )
}
