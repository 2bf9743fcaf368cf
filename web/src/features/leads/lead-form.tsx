import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import type { Lead } from '../../lib/lead-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import { statuses, wordsOf } from './lead.ts'
import { leadKey, leadsKey } from './read-leads.ts'
import { changeLead } from './write-lead.ts'

const members = ['full_name', 'company_name', 'phone', 'alt_phone', 'email', 'city'] as const

/** Sends only what was changed here, so that it never undoes what somebody else changed meanwhile. */
export function LeadForm({ lead, onDone }: { lead: Lead; onDone: () => void }) {
  const client = useQueryClient()
  const [typed, setTyped] = useState<Record<string, string>>({})
  const save = useMutation({
    mutationFn: () => changeLead(lead.id, typed),
    onSuccess: (fresh) => {
      client.setQueryData(leadKey(lead.id), fresh)
      void client.invalidateQueries({ queryKey: leadsKey })
      onDone()
    },
  })
  const wrong = save.isError ? problemOf(save.error).fields : undefined
  const valueOf = (name: string) => typed[name] ?? (typeof lead[name] === 'string' ? lead[name] : '')
  const type = (name: string) => (event: { currentTarget: { value: string } }) =>
    setTyped({ ...typed, [name]: event.currentTarget.value })
  return (
    <Panel title="Change">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        {members.map((name) => (
          <TextInput
            key={name}
            label={wordsOf(name)}
            value={valueOf(name)}
            onChange={type(name)}
            error={wrong?.[name]}
          />
        ))}
        <NativeSelect
          label="Status"
          value={valueOf('status')}
          onChange={type('status')}
          data={statuses.map((status) => ({ value: status, label: wordsOf(status) }))}
        />
        <Textarea
          label="Notes"
          rows={4}
          value={valueOf('notes')}
          onChange={type('notes')}
          error={wrong?.['notes']}
        />
        {save.isError && wrong === undefined && <Fault error={save.error} title="The lead was not saved." />}
        <Group mt="sm">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
          <Button variant="default" onClick={onDone}>
            Leave as it is
          </Button>
        </Group>
      </form>
    </Panel>
  )
}
