import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, NativeSelect, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import type { ChosenCode } from './otp-page.tsx'
import { otpKey } from './read-otp.ts'
import { sendOtp } from './send-otp.ts'
import classes from './otp.module.css'

const lengths = ['4', '5', '6', '7', '8', '9', '10']

/** Sends a code to one number. It is generated here, unless one is given. */
export function SendPanel({ onSent }: { onSent: (code: ChosenCode) => void }) {
  const client = useQueryClient()
  const [number, setNumber] = useState('')
  const [message, setMessage] = useState('Your code is {otp}')
  const [by, setBy] = useState('text')
  const [own, setOwn] = useState('')
  const [length, setLength] = useState('6')
  const isOwn = own.trim() !== ''
  const sending = useMutation({
    mutationFn: () =>
      sendOtp({
        number,
        message,
        sms_send_options: by,
        ...(isOwn
          ? { otp_options: 'personnel', otp: own.trim() }
          : { otp_options: 'generated', otp_length: Number(length) }),
      }),
    onSuccess: ({ otpId }) => {
      void client.invalidateQueries({ queryKey: otpKey })
      setOwn('')
      onSent({ otpId, number })
    },
  })
  const misses = !message.includes('{otp}')
  return (
    <Panel title="Send a code">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          sending.mutate()
        }}
      >
        <Stack gap="sm">
          <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
            <TextInput
              label="Number"
              type="tel"
              required
              value={number}
              onChange={(event) => setNumber(event.currentTarget.value)}
              placeholder="+9779841000000"
            />
            <SegmentedControl
              aria-label="How it is sent"
              data={[
                { value: 'text', label: 'Text' },
                { value: 'voice', label: 'Voice' },
              ]}
              value={by}
              onChange={setBy}
            />
          </Group>
          <TextInput
            label="Message"
            required
            maxLength={1_500}
            value={message}
            onChange={(event) => setMessage(event.currentTarget.value)}
            description={misses ? 'The code comes at the end; {otp} puts it elsewhere.' : undefined}
          />
          <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
            <TextInput
              label="A code of your own"
              autoComplete="off"
              maxLength={10}
              value={own}
              onChange={(event) => setOwn(event.currentTarget.value)}
              placeholder="Generated"
            />
            <NativeSelect
              label="Digits"
              data={lengths}
              value={isOwn ? String(own.trim().length) : length}
              disabled={isOwn}
              onChange={(event) => setLength(event.currentTarget.value)}
            />
          </Group>
          {sending.isError && <Fault error={sending.error} title="The code was not sent." />}
          <Group justify="space-between">
            <p className={classes.quiet} role="status">
              {sending.isSuccess && (
                <>
                  On its way; good until <ClockTime iso={sending.data.expiresAt} />.
                </>
              )}
            </p>
            <Button type="submit" loading={sending.isPending}>
              Send
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  )
}
