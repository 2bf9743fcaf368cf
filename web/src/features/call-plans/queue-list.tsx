import { IconArrowBackUp, IconCheck, IconCircle, IconPlayerSkipForward } from '@tabler/icons-react'
import type { Queue, Step } from './queue.ts'
import { nameOf } from './plan-words.ts'
import type { CallPlan } from './read-today.ts'
import classes from './queue-list.module.css'

const marks = {
  called: { icon: IconCheck, word: 'called', color: 'var(--state-completed)' },
  rescheduled: { icon: IconArrowBackUp, word: 'rescheduled', color: 'var(--state-hungup)' },
  skipped: { icon: IconPlayerSkipForward, word: 'skipped', color: 'var(--state-pending)' },
} as const satisfies Record<Step, unknown>

interface QueueListProps {
  queue: Queue
  current: CallPlan
  onPlan: (planId: number) => void
}

/** Everybody in the queue, and what became of them. */
export function QueueList({ queue, current, onPlan }: QueueListProps) {
  return (
    <nav aria-label="The queue" className={classes.list}>
      <ol>
        {queue.plans.map((plan) => {
          const step = queue.steps[plan.id]
          const {
            icon: Icon,
            word,
            color,
          } = step === undefined ? { icon: IconCircle, word: '', color: 'var(--state-pending)' } : marks[step]
          return (
            <li key={plan.id}>
              <button
                type="button"
                className={classes.one}
                disabled={step !== undefined}
                aria-current={plan.id === current.id ? 'step' : undefined}
                onClick={() => onPlan(plan.id)}
              >
                <Icon size={15} stroke={2.2} color={color} aria-hidden />
                <span className={classes.name}>{nameOf(plan)}</span>
                <span className={classes.word}>{word}</span>
              </button>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
