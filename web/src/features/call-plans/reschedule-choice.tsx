import { useRef, useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Kbd } from '@mantine/core'
import { dateIn, instantAt, timeIn } from '../../lib/local-date.ts'
import { productNow } from '../../lib/product-time.ts'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { useZone } from '../../ui/zone.ts'
import { reschedule } from './change-plan.ts'
import { plansKey, type CallPlan } from './read-today.ts'
import classes from './reschedule-choice.module.css'

const steps = [
  { keys: 't', word: 'Tomorrow', days: 1 },
  { keys: 'w', word: 'In a week', days: 7 },
] as const

/** Another day, at the time of day the plan has. */
export function RescheduleChoice({ plan, onDone }: { plan: CallPlan; onDone: () => void }) {
  const client = useQueryClient()
  const zone = useZone()
  const tomorrow = dateIn(productNow(), zone, 1)
  const [date, setDate] = useState(tomorrow)
  const field = useRef<HTMLInputElement>(null)
  const moving = useMutation({
    mutationFn: (to: string) =>
      reschedule(plan.id, instantAt(to, timeIn(Date.parse(plan.next_call_date), zone), zone)),
    onSuccess: () => {
      onDone()
      void client.invalidateQueries({ queryKey: plansKey })
    },
  })
  const move = (to: string) => {
    if (!moving.isPending) moving.mutate(to)
  }

  useShortcuts('Reschedule', [
    ...steps.map(({ keys, word, days }) => ({
      keys,
      label: word,
      run: () => move(dateIn(productNow(), zone, days)),
    })),
    { keys: 'd', label: 'Pick a date', run: () => field.current?.focus() },
  ])

  return (
    <section className={classes.choice} aria-label="Reschedule">
      <h3>Another day</h3>
      <div className={classes.options}>
        {steps.map(({ keys, word, days }) => (
          <Button
            key={keys}
            variant="default"
            rightSection={<Kbd aria-hidden>{keys.toUpperCase()}</Kbd>}
            disabled={moving.isPending}
            aria-keyshortcuts={keys}
            onClick={() => move(dateIn(productNow(), zone, days))}
          >
            {word}
          </Button>
        ))}
        <form
          className={classes.date}
          onSubmit={(event) => {
            event.preventDefault()
            move(date)
          }}
        >
          <label>
            On <Kbd aria-hidden>D</Kbd>
            <input
              ref={field}
              type="date"
              min={tomorrow}
              required
              value={date}
              onChange={(event) => setDate(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') event.currentTarget.blur()
              }}
            />
          </label>
          <Button type="submit" variant="default" disabled={moving.isPending}>
            Move
          </Button>
        </form>
      </div>
      {moving.isError && <Fault error={moving.error} title="The plan was not moved." />}
    </section>
  )
}
