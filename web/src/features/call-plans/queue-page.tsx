import { useEffect, useRef, useState } from 'react'
import { Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { formatSpan } from '../../lib/time-format.ts'
import { productNow } from '../../lib/product-time.ts'
import { useShortcuts } from '../../ui/keyboard.ts'
import { Page } from '../../ui/page.tsx'
import { countOf, emptyQueue, neighbour, waiting, withDue, withStep, type Queue, type Step } from './queue.ts'
import { QueueCard } from './queue-card.tsx'
import { QueueList } from './queue-list.tsx'
import type { CallPlan } from './read-today.ts'
import classes from './queue-page.module.css'

interface QueuePageProps {
  due: readonly CallPlan[]
  planId: number | undefined
  onPlan: (planId: number | undefined) => void
  onLeave: () => void
}

/** One plan at a time, from the first to the last, without touching the pointer. */
export function QueuePage({ due, planId, onPlan, onLeave }: QueuePageProps) {
  const [queue, setQueue] = useState<Queue>(() => withDue(emptyQueue, due))
  const [seen, setSeen] = useState(due)
  const [startedAt] = useState(productNow)
  const current =
    queue.plans.find((plan) => plan.id === planId && queue.steps[plan.id] === undefined) ??
    neighbour(queue, planId, 1)
  if (seen !== due) {
    setSeen(due)
    setQueue(withDue(queue, due, current?.id))
  }
  const left = waiting(queue).length
  const done = queue.plans.length - left

  function settle(plan: CallPlan, step: Step): void {
    const next = withStep(queue, plan.id, step)
    setQueue(next)
    onPlan(neighbour(next, plan.id, 1)?.id)
  }
  const go = (direction: 1 | -1) => onPlan(neighbour(queue, current?.id, direction)?.id)

  useShortcuts('Queue', [
    { keys: 'j', label: 'Next plan', run: () => go(1) },
    { keys: 'k', label: 'Previous plan', run: () => go(-1) },
    { keys: 'Escape', label: 'Leave the queue', run: onLeave },
  ])

  return (
    <Page
      title="Today’s queue"
      badge={
        <p className={classes.progress} role="status">
          {done} of {queue.plans.length} done
        </p>
      }
      actions={
        <Button variant="default" leftSection={<IconX size={16} aria-hidden />} onClick={onLeave}>
          Leave the queue
        </Button>
      }
    >
      <progress
        className={classes.bar}
        value={done}
        max={Math.max(1, queue.plans.length)}
        aria-label="Done"
      />
      {current === null ? (
        <QueueEnd queue={queue} seconds={(productNow() - startedAt) / 1_000} onLeave={onLeave} />
      ) : (
        <div className={classes.columns}>
          <QueueList queue={queue} current={current} onPlan={onPlan} />
          <QueueCard key={current.id} plan={current} onSettled={(step) => settle(current, step)} />
        </div>
      )}
    </Page>
  )
}

function QueueEnd({ queue, seconds, onLeave }: { queue: Queue; seconds: number; onLeave: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className={classes.end}>
      <h2 ref={heading} tabIndex={-1}>
        {queue.plans.length === 0 ? 'Nobody is to be called now' : 'That was everybody'}
      </h2>
      <dl className={classes.sums}>
        <dt>Called</dt>
        <dd>{countOf(queue, 'called')}</dd>
        <dt>Rescheduled</dt>
        <dd>{countOf(queue, 'rescheduled')}</dd>
        <dt>Skipped</dt>
        <dd>{countOf(queue, 'skipped')}</dd>
        <dt>Time</dt>
        <dd>{formatSpan(seconds)}</dd>
      </dl>
      <Button onClick={onLeave}>Back to today</Button>
    </section>
  )
}
