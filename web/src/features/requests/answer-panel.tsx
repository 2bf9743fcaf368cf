import { useState, type ReactNode } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Textarea } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import { useProductNow } from '../../lib/product-time.ts'
import type { CallRequestDetail } from '../../lib/request-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { Panel } from '../../ui/page.tsx'
import { BothClocks } from './both-clocks.tsx'
import * as moves from './move-request.ts'
import { requestsKey } from './read-requests.ts'
import { choicesOf, meOf, movesOf, nameOf, otherOf } from './request.ts'
import { TimesForm } from './times-form.tsx'
import classes from './requests.module.css'

type Open = 'times' | 'decline' | 'cancel' | null

/** Everything that may be done with a request now; nothing when there is nothing to do. */
export function AnswerPanel({ request }: { request: CallRequestDetail }) {
  const now = useProductNow()
  const may = movesOf(request)
  const choices = choicesOf(request, now)
  const [open, setOpen] = useState<Open>(may.accept ? 'times' : null)
  const toggle = (what: Open) => setOpen((old) => (old === what ? null : what))
  const agreeing = useMove((time: string) => moves.agreeOn(request.id, time))
  useShortcuts('This request', [
    ...choices.map((time, index) => ({
      keys: String(index + 1),
      label: `Take time ${index + 1}`,
      run: () => agreeing.mutate(time),
    })),
    ...(may.accept || may.propose ? [{ keys: 'p', label: 'Suggest times', run: () => toggle('times') }] : []),
    ...(may.decline ? [{ keys: 'd', label: 'Decline', run: () => toggle('decline') }] : []),
    ...(may.cancel ? [{ keys: 'x', label: 'Cancel the request', run: () => toggle('cancel') }] : []),
  ])
  if (!may.cancel) return null
  const [me, other] = [meOf(request), otherOf(request)]
  const name = other.first_name || nameOf(other)
  return (
    <Panel title="Your answer">
      {choices.map((time, index) => (
        <button
          key={time}
          type="button"
          className={classes.choice}
          disabled={agreeing.isPending}
          aria-keyshortcuts={String(index + 1)}
          onClick={() => agreeing.mutate(time)}
        >
          <BothClocks iso={time} mine={me.timezone} theirs={other.timezone} name={name} now={now} />
          <span className={classes.take}>
            Take this time <kbd aria-hidden>{index + 1}</kbd>
          </span>
        </button>
      ))}
      {agreeing.isError && <Fault error={agreeing.error} title="The time was not agreed." />}
      <div className={classes.buttons}>
        {(may.accept || may.propose) && (
          <Toggle open={open === 'times'} onClick={() => toggle('times')}>
            {may.accept ? 'Accept and suggest times' : 'Suggest other times'}
          </Toggle>
        )}
        {may.decline && (
          <Toggle open={open === 'decline'} onClick={() => toggle('decline')}>
            Decline
          </Toggle>
        )}
        <Toggle open={open === 'cancel'} onClick={() => toggle('cancel')}>
          Cancel the request
        </Toggle>
      </div>
      {open === 'times' && (may.accept || may.propose) && (
        <TimesForm request={request} accepts={may.accept} onSent={() => setOpen(null)} />
      )}
      {open === 'decline' && <DeclineForm request={request} onSent={() => setOpen(null)} />}
      {open === 'cancel' && <CancelForm request={request} onSent={() => setOpen(null)} />}
    </Panel>
  )
}

function Toggle({ open, onClick, children }: { open: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <Button variant={open ? 'light' : 'default'} size="xs" aria-expanded={open} onClick={onClick}>
      {children}
    </Button>
  )
}

function DeclineForm({ request, onSent }: { request: CallRequestDetail; onSent: () => void }) {
  const [reason, setReason] = useState('')
  const sending = useMove(() => moves.decline(request.id, reason), onSent)
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        sending.mutate(undefined)
      }}
    >
      <Reason value={reason} onChange={setReason} />
      {sending.isError && <Fault error={sending.error} title="It was not declined." />}
      <Button type="submit" color="red" variant="outline" loading={sending.isPending}>
        Decline the call
      </Button>
    </form>
  )
}

function CancelForm({ request, onSent }: { request: CallRequestDetail; onSent: () => void }) {
  const [reason, setReason] = useState('')
  const [force, setForce] = useState(false)
  const sending = useMove(() => moves.cancel(request.id, { reason, force }), onSent)
  const counts = request.status === 'a' && request.side !== null
  const isTooMany = sending.isError && problemOf(sending.error).code === 'too_many_cancellations'
  const left = request.cancellations_left
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        sending.mutate(undefined)
      }}
    >
      <Reason value={reason} onChange={setReason} />
      {counts && left !== null && left > 0 && (
        <p className={classes.quiet}>
          You may cancel {left === 1 ? 'one accepted request' : `${left} accepted requests`} in a month; this
          is one of them.
        </p>
      )}
      {((counts && left === 0) || isTooMany) && (
        <Checkbox
          label="Cancel although I have cancelled too often. A fee may be charged."
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
      {sending.isError && <Fault error={sending.error} title="It was not cancelled." />}
      <Button type="submit" color="red" variant="outline" loading={sending.isPending}>
        Cancel the request
      </Button>
    </form>
  )
}

function Reason({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label="Reason"
      description="The other party reads it."
      required
      autosize
      minRows={2}
      maxLength={500}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus
    />
  )
}

/** One move; whatever it changed is read again. */
function useMove<Given>(move: (given: Given) => Promise<unknown>, onDone?: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: move,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: requestsKey })
      onDone?.()
    },
  })
}
