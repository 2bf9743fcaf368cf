import { useState } from 'react'
import { Button, Group } from '@mantine/core'
import { IconPhoneOff } from '@tabler/icons-react'

/** Ends a call in two steps: a call that was hung up cannot be taken back. */
export function HangUpButton(props: { number: string; busy: boolean; asked: boolean; onHangUp: () => void }) {
  const [asking, setAsking] = useState(false)
  if (props.asked) return <p role="status">The carrier was asked to end this call.</p>
  if (!asking) {
    return (
      <Button
        variant="default"
        leftSection={<IconPhoneOff size={16} color="var(--danger)" />}
        onClick={() => setAsking(true)}
      >
        Hang up
      </Button>
    )
  }
  return (
    <Group gap="xs" role="group" aria-label={`End the call to ${props.number}?`}>
      <Button color="red" loading={props.busy} autoFocus onClick={props.onHangUp}>
        End this call now
      </Button>
      <Button variant="default" disabled={props.busy} onClick={() => setAsking(false)}>
        Keep it
      </Button>
    </Group>
  )
}
