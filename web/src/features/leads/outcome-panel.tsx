import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Kbd, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { readDraft, writeDraft } from '../../lib/draft.ts'
import type { Lead } from '../../lib/lead-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { Panel } from '../../ui/page.tsx'
import { outcomes, type Outcome } from './lead.ts'
import { leadKey, leadsKey } from './read-leads.ts'
import { changeLead, planCall, planRegularCalls } from './write-lead.ts'
import classes from './agent.module.css'

interface OutcomePanelProps {
  lead: Lead
  onNext: () => void
}

const often = [
  { value: '', label: 'Once' },
  { value: 'DAILY', label: 'Every day' },
  { value: 'WEEKLY', label: 'Every week' },
  { value: 'BIWEEKLY', label: 'Every second week' },
  { value: 'MONTHLY', label: 'Every month' },
]

/** What came of the call: a key for each outcome, a note, when to call back. What is typed survives a reload. */
export function OutcomePanel({ lead, onNext }: OutcomePanelProps) {
  const client = useQueryClient()
  const draftName = `outcome of lead ${lead.id}`
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [note, setNote] = useState(() => readDraft(draftName) ?? '')
  const [at, setAt] = useState('')
  const [frequency, setFrequency] = useState('')
  const type = (text: string) => {
    setNote(text)
    writeDraft(draftName, text)
  }
  const save = useMutation({
    mutationFn: async () => {
      const fresh = await changeLead(lead.id, changeOf(lead, outcome, note))
      if (frequency !== '') await planRegularCalls(fresh, frequency, note)
      else if (at !== '') await planCall(fresh, at)
      return fresh
    },
    onSuccess: (fresh) => {
      writeDraft(draftName, '')
      client.setQueryData(leadKey(lead.id), fresh)
      void client.invalidateQueries({ queryKey: leadsKey })
      onNext()
    },
  })
  const isEmpty = outcome === null && note.trim() === '' && at === '' && frequency === ''
  useShortcuts(
    'Outcome',
    outcomes.map((one) => ({ keys: one.key, label: one.word, run: () => setOutcome(one) })),
  )

  return (
    <Panel title="Outcome">
      <form
        className={classes.outcome}
        onSubmit={(event) => {
          event.preventDefault()
          if (!isEmpty) save.mutate()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit()
        }}
      >
        <div className={classes.keys} role="group" aria-label="What came of it">
          {outcomes.map((one) => (
            <Button
              key={one.key}
              variant={outcome === one ? 'filled' : 'default'}
              aria-pressed={outcome === one}
              aria-keyshortcuts={one.key}
              justify="space-between"
              rightSection={<Kbd aria-hidden>{one.key}</Kbd>}
              onClick={() => setOutcome(one)}
            >
              {one.word}
            </Button>
          ))}
        </div>
        <Textarea label="Note" rows={3} value={note} onChange={(event) => type(event.currentTarget.value)} />
        <TextInput
          type="datetime-local"
          label="Call back at"
          value={at}
          disabled={frequency !== ''}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <NativeSelect
          label="How often"
          value={frequency}
          data={often}
          onChange={(event) => setFrequency(event.currentTarget.value)}
        />
        {save.isError && (
          <Fault error={save.error} title="Not everything was saved. Your note is still here." />
        )}
        <Button type="submit" loading={save.isPending} disabled={isEmpty}>
          Save and next
        </Button>
        <p className={classes.hint}>
          {isEmpty
            ? 'Choose an outcome or write a note first.'
            : 'Ctrl Enter saves from anywhere in this form.'}
        </p>
      </form>
    </Panel>
  )
}

function changeOf(lead: Lead, outcome: Outcome | null, note: string): Record<string, unknown> {
  const text = note.trim()
  return {
    ...(outcome === null ? {} : { status: outcome.status }),
    ...(outcome?.doNotCall ? { do_not_call: true } : {}),
    ...(text === '' ? {} : { notes: lead.notes ? `${lead.notes}\n${text}` : text }),
  }
}
