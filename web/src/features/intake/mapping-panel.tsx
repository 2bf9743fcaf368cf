import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Group, TextInput } from '@mantine/core'
import type { Person } from '../../lib/lead-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import { peopleKey, peopleQuery } from './read-intake.ts'
import { mapDialerUser } from './write-intake.ts'

/** Who is who: the dialer's own id for each person. */
export function MappingPanel() {
  const { data, error, isError } = useQuery(peopleQuery)
  return (
    <Panel title="Agents by their dialer id">
      {isError && <Fault error={error} title="The people could not be read." />}
      {data?.map((person) => (
        <Mapping key={person.id} person={person} />
      ))}
    </Panel>
  )
}

function Mapping({ person }: { person: Person }) {
  const client = useQueryClient()
  const [typed, setTyped] = useState(person.dialer_user_id ?? '')
  const save = useMutation({
    mutationFn: () => mapDialerUser(person.id, typed.trim() || null),
    onSuccess: () => client.invalidateQueries({ queryKey: peopleKey }),
  })
  const isChanged = typed.trim() !== (person.dialer_user_id ?? '')
  const name = `${person.first_name} ${person.last_name}`.trim() || person.username
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isChanged) save.mutate()
      }}
    >
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          label={`${name} (${person.username})`}
          placeholder="Dialer id"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button type="submit" variant="default" loading={save.isPending} disabled={!isChanged}>
          Save
        </Button>
      </Group>
      {save.isError && <Fault error={save.error} title="The id was not saved." />}
    </form>
  )
}
