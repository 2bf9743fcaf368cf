import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { Fault } from '../../ui/fault.tsx'
import { messagesKey } from './read-messages.ts'
import { sendMessage } from './send-message.ts'

interface SendDialogProps {
  opened: boolean
  onClose: () => void
  onSent: (messageId: string) => void
}

/** Sends one text to one person. */
export function SendDialog({ opened, onClose, onSent }: SendDialogProps) {
  const client = useQueryClient()
  const [to, setTo] = useState('')
  const [message, setMessage] = useState('')
  const sending = useMutation({
    mutationFn: () => sendMessage({ to_number: to, message }),
    onSuccess: (sent) => {
      void client.invalidateQueries({ queryKey: messagesKey })
      setMessage('')
      onSent(sent.message_id)
    },
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Send a text" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          sending.mutate()
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Number"
            type="tel"
            required
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            placeholder="+9779841000000"
            data-autofocus
          />
          <Textarea
            label="Text"
            required
            autosize
            minRows={3}
            maxRows={10}
            maxLength={1_600}
            value={message}
            onChange={(event) => setMessage(event.currentTarget.value)}
          />
          {sending.isError && <Fault error={sending.error} title="The text could not be handed in." />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={sending.isPending}>
              Send
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
