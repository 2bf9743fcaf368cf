import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, CopyButton, Group, TextInput } from '@mantine/core'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import { dialerKeysQuery, keysKey } from './read-intake.ts'
import { deleteDialerKey, makeDialerKey, rotateDialerKey } from './write-intake.ts'
import classes from './intake.module.css'

/** Keys for dialers. A key is shown once; after a rotation the old one opens for another day. */
export function DialerKeysPanel() {
  const client = useQueryClient()
  const { data, error, isError } = useQuery(dialerKeysQuery)
  const [name, setName] = useState('')
  const [shown, setShown] = useState<string | null>(null)
  const done = () => client.invalidateQueries({ queryKey: keysKey })
  const show = ({ key }: { key: string }) => {
    setShown(key)
    setName('')
    return done()
  }
  const make = useMutation({ mutationFn: () => makeDialerKey(name.trim() || 'Dialer'), onSuccess: show })
  const rotate = useMutation({ mutationFn: rotateDialerKey, onSuccess: show })
  const remove = useMutation({ mutationFn: deleteDialerKey, onSuccess: done })
  const failure = make.error ?? rotate.error ?? remove.error
  return (
    <Panel title="Dialer keys">
      {isError && <Fault error={error} title="The keys could not be read." />}
      {failure && <Fault error={failure} title="The key was not changed." />}
      {shown !== null && (
        <p className={classes.shown} role="status">
          Copy the key now, it is not shown again: <code>{shown}</code>{' '}
          <CopyButton value={shown}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </p>
      )}
      <ul className={classes.entries}>
        {data?.results.map((key) => (
          <li key={key.id} className={classes.entry}>
            <span className={classes.who}>
              <strong>{key.name}</strong>
              <span className={classes.quiet}>
                {key.last_used === null ? (
                  'Never used'
                ) : (
                  <>
                    Used <ClockTime iso={key.last_used} />
                  </>
                )}
                {key.overlap_ends !== null && (
                  <>
                    {' '}
                    · the old key ends <ClockTime iso={key.overlap_ends} />
                  </>
                )}
              </span>
            </span>
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={() => rotate.mutate(key.id)}>
                Rotate
              </Button>
              <Button size="xs" variant="default" color="red" onClick={() => remove.mutate(key.id)}>
                Delete
              </Button>
            </Group>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate()
        }}
      >
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            label="Name of a new key"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            style={{ flex: 1 }}
          />
          <Button type="submit" loading={make.isPending}>
            Make key
          </Button>
        </Group>
      </form>
    </Panel>
  )
}
