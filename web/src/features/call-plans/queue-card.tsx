import { useEffect, useRef, useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Kbd, Textarea } from '@mantine/core'
import { IconCheck, IconPhone, IconPlayerSkipForward } from '@tabler/icons-react'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import { readPlan, recordCall } from './change-plan.ts'
import { OutcomeChoice } from './outcome-choice.tsx'
import { PlanFacts } from './plan-facts.tsx'
import { PlanHistory } from './plan-history.tsx'
import { nameOf, outcomes } from './plan-words.ts'
import type { Step } from './queue.ts'
import { plansKey, type CallPlan } from './read-today.ts'
import { RescheduleChoice } from './reschedule-choice.tsx'
import { useDialing } from './use-dialing.ts'
import classes from './queue-card.module.css'

/** The plan that is being worked on: who it is, what was said before, and what to do. */
export function QueueCard({ plan, onSettled }: { plan: CallPlan; onSettled: (step: Step) => void }) {
  const client = useQueryClient()
  const [outcome, setOutcome] = useState<string>()
  const [notes, setNotes] = useState('')
  const heading = useRef<HTMLHeadingElement>(null)
  const noteField = useRef<HTMLTextAreaElement>(null)
  const dialing = useDialing(plan.id)
  useEffect(() => heading.current?.focus(), [])

  const logging = useMutation({
    mutationFn: async () => {
      const at = await recordedAt(plan)
      const call = { ...(at === null ? {} : { last_called: at }), notes: notes.trim() }
      return recordCall(plan.id, outcome === undefined ? call : { ...call, outcome })
    },
    onSuccess: () => {
      onSettled('called')
      void client.invalidateQueries({ queryKey: plansKey })
    },
  })
  const blocked = dialing.going || logging.isPending
  const log = () => {
    if (!blocked) logging.mutate()
  }
  const call = () => {
    if (!dialing.going && !dialing.busy) dialing.start()
  }
  const write = () => noteField.current?.focus()

  useShortcuts(nameOf(plan), [
    { keys: 'Enter', label: 'Call', run: call },
    { keys: 'r', label: 'Log the call, and next', run: log },
    { keys: 'n', label: 'Write a note', run: write },
    { keys: 's', label: 'Skip', run: () => onSettled('skipped') },
    ...outcomes.map(({ value, word }, index) => ({
      keys: String(index + 1),
      label: word,
      run: () => setOutcome(value === outcome ? undefined : value),
    })),
  ])

  return (
    <article className={classes.card} aria-labelledby={`plan-${plan.id}`}>
      <header className={classes.head}>
        <div className={classes.who}>
          <h2 id={`plan-${plan.id}`} ref={heading} tabIndex={-1}>
            {nameOf(plan)}
          </h2>
          <p className={classes.phone}>{plan.person?.phone || 'No phone'}</p>
        </div>
        <Button
          size="md"
          leftSection={<IconPhone size={18} aria-hidden />}
          rightSection={<Kbd aria-hidden>Enter</Kbd>}
          loading={dialing.busy}
          disabled={dialing.going}
          aria-keyshortcuts="Enter"
          onClick={call}
        >
          Call
        </Button>
      </header>
      <p className={classes.line} role="status">
        {dialing.state !== undefined && (
          <>
            <StateMark state={dialing.state} />{' '}
            {dialing.going ? 'Your phone rings first.' : 'The call is over.'}
          </>
        )}
      </p>
      {dialing.error !== null && <Fault error={dialing.error} title="Nobody was called." />}
      <PlanFacts plan={plan} />
      <section className={classes.log} aria-label="Log">
        <OutcomeChoice value={outcome} onChange={setOutcome} />
        <Textarea
          ref={noteField}
          label={
            <>
              Note <Kbd aria-hidden>N</Kbd>
            </>
          }
          autosize
          minRows={2}
          maxRows={8}
          maxLength={10_000}
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
          onKeyDown={(event) => {
            // The keys of the page work again.
            if (event.key === 'Escape') heading.current?.focus()
          }}
        />
        {logging.isError && <Fault error={logging.error} title="The call was not logged." onRetry={log} />}
        <div className={classes.actions}>
          <Button
            leftSection={<IconCheck size={16} aria-hidden />}
            rightSection={<Kbd aria-hidden>R</Kbd>}
            loading={logging.isPending}
            disabled={dialing.going}
            aria-keyshortcuts="r"
            onClick={log}
          >
            Log, and next
          </Button>
          <Button
            variant="default"
            leftSection={<IconPlayerSkipForward size={16} aria-hidden />}
            rightSection={<Kbd aria-hidden>S</Kbd>}
            aria-keyshortcuts="s"
            onClick={() => onSettled('skipped')}
          >
            Skip
          </Button>
        </div>
      </section>
      <RescheduleChoice plan={plan} onDone={() => onSettled('rescheduled')} />
      <PlanHistory planId={plan.id} />
    </article>
  )
}

/** When the call was made that has recorded itself since this plan was read; what is written now is about that one. */
async function recordedAt(plan: CallPlan): Promise<string | null> {
  const { last_called: at } = await readPlan(plan.id)
  return at === plan.last_called ? null : at
}
