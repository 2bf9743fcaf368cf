import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { plural } from '../../lib/number-format.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import type { ChosenCode } from './otp-page.tsx'
import { otpKey } from './read-otp.ts'
import { verifyOtp } from './send-otp.ts'
import classes from './otp.module.css'

/** Tries what a person says their code is: of one that was just sent or chosen, else of a number. */
export function VerifyPanel({ chosen, onForget }: { chosen: ChosenCode | null; onForget: () => void }) {
  const client = useQueryClient()
  const [number, setNumber] = useState('')
  const [otp, setOtp] = useState('')
  const trying = useMutation({
    mutationFn: () =>
      verifyOtp({ ...(chosen === null ? { number } : { otp_id: chosen.otpId }), otp: otp.trim() }),
    onSettled: () => client.invalidateQueries({ queryKey: otpKey }),
  })
  return (
    <Panel title="Verify a code">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          trying.mutate()
        }}
      >
        <Stack gap="sm">
          {chosen === null ? (
            <TextInput
              label="Number"
              type="tel"
              required
              value={number}
              onChange={(event) => setNumber(event.currentTarget.value)}
              placeholder="+9779841000000"
            />
          ) : (
            <Group justify="space-between" wrap="nowrap">
              <p>
                The code sent to <strong className="numerals">{chosen.number}</strong>
              </p>
              <Button size="compact-sm" variant="default" onClick={onForget}>
                Another number
              </Button>
            </Group>
          )}
          <TextInput
            label="Code"
            required
            autoComplete="one-time-code"
            inputMode="text"
            maxLength={20}
            value={otp}
            onChange={(event) => setOtp(event.currentTarget.value)}
          />
          {trying.isError && <Fault error={trying.error} title="The code was not tried." />}
          <Group justify="space-between">
            <Verdict verdict={trying.data} />
            <Button type="submit" variant="default" loading={trying.isPending}>
              Verify
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  )
}

function Verdict({ verdict }: { verdict: { verified: boolean; attempts_left: number } | undefined }) {
  return (
    <p role="status" className={classes.verdict} data-good={verdict?.verified}>
      {verdict?.verified === true && (
        <>
          <IconCheck size={16} aria-hidden /> Verified
        </>
      )}
      {verdict?.verified === false && (
        <>
          <IconX size={16} aria-hidden />{' '}
          {verdict.attempts_left === 0
            ? 'Wrong, used or expired: send another'
            : `Wrong: ${plural(verdict.attempts_left, 'try', 'tries')} left`}
        </>
      )}
    </p>
  )
}
