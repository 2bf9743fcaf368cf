import { useId, useState, type ReactNode } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import type { PhoneNumber } from '../../lib/number-types.ts'
import { plural } from '../../lib/number-format.ts'
import { Fault } from '../../ui/fault.tsx'
import { phoneNumbersKey } from './read-numbers.ts'
import { buyNumber, releaseNumber, renameNumber } from './trade-number.ts'

interface DialogProps {
  number: PhoneNumber
  opened: boolean
  onClose: () => void
  onClosed: () => void
}

interface FormProps extends DialogProps {
  title: string
  action: string
  failure: string
  danger?: boolean
  children: ReactNode
  run: () => Promise<unknown>
}

/** A question with one answer that does something; what went wrong is said where it was asked. */
function NumberForm({ title, action, failure, danger = false, children, run, ...dialog }: FormProps) {
  const client = useQueryClient()
  const doing = useMutation({
    mutationFn: run,
    onSuccess: dialog.onClose,
    // Also after a failure: it may have been taken by somebody else meanwhile.
    onSettled: () => client.invalidateQueries({ queryKey: phoneNumbersKey }),
  })
  return (
    <Modal
      opened={dialog.opened}
      onClose={dialog.onClose}
      onExitTransitionEnd={dialog.onClosed}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          doing.mutate()
        }}
      >
        <Stack gap="md">
          {children}
          {doing.isError && <Fault error={doing.error} title={failure} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={doing.isPending} {...(danger ? { color: 'red' } : {})}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

export function BuyDialog(props: DialogProps) {
  const { phone_number: digits, phone_sid: sid, rate, available_capabilities: able } = props.number
  const key = `console ${useId()} ${sid} ${useState(() => Date.now())[0]}`
  return (
    <NumberForm
      {...props}
      title={`Buy ${digits}?`}
      action={`Buy for ${plural(rate, 'credit')}`}
      failure="The number was not bought."
      run={() => buyNumber({ sid, key })}
    >
      <p>
        It costs {plural(rate, 'credit')} now and every month until it is released. It can do: {able}.
      </p>
    </NumberForm>
  )
}

export function ReleaseDialog(props: DialogProps) {
  const { phone_number: digits, phone_sid: sid } = props.number
  return (
    <NumberForm
      {...props}
      title={`Release ${digits}?`}
      action="Release it"
      failure="The number was not released."
      danger
      run={() => releaseNumber(sid)}
    >
      <p>
        Calls and texts can no longer come from it, and the carrier may sell it to somebody else. What was
        paid for this month is not given back.
      </p>
    </NumberForm>
  )
}

export function RenameDialog(props: DialogProps) {
  const { phone_number: digits, phone_sid: sid, friendly_name: was } = props.number
  const [name, setName] = useState(was)
  return (
    <NumberForm
      {...props}
      title={`Name of ${digits}`}
      action="Save"
      failure="The name was not saved."
      run={() => renameNumber({ sid, name })}
    >
      <TextInput
        label="Name"
        required
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </NumberForm>
  )
}
