import { useQuery } from '@tanstack/react-query'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { outcomeWords } from './plan-words.ts'
import { historyQuery } from './read-today.ts'
import classes from './plan-history.module.css'

/** The last calls of a plan, newest first. */
export function PlanHistory({ planId }: { planId: number }) {
  const { data, error, isPending, refetch } = useQuery(historyQuery(planId))
  return (
    <section className={classes.section} aria-label="Calls before">
      <h3>Calls before</h3>
      {isPending && <LoadingRows rows={1} height={36} label="Calls before" />}
      {error !== null && (
        <Fault error={error} title="The calls before could not be read." onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && <p className={classes.none}>None yet.</p>}
      <ol className={classes.list}>
        {data?.map((call) => (
          <li key={call.id} className={classes.call}>
            <ClockTime iso={call.called_at} />
            <span>
              {outcomeWords(call.outcome)}
              {call.notes !== '' && <span className={classes.notes}> · {call.notes}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
