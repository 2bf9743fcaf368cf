import { useState, type FormEvent } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Doorway } from './doorway.tsx'
import { meKey } from './read-me.ts'
import { setUp } from './set-up.ts'
import { signIn } from './sign-in.ts'

const leastPassword = 10

/** The owner's account. The token is in the fragment of the link, which never reaches a server's log. */
export function SetupPage({ token, onDone }: { token: string; onDone: () => void }) {
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [zone, setZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone)
  const making = useMutation({
    mutationFn: async () => {
      await setUp({ token, email: email.trim(), password, time_zone: zone.trim() })
      await signIn(email.trim(), password)
    },
    onSuccess: async () => {
      await client.resetQueries({ queryKey: meKey })
      onDone()
    },
  })
  const refused = making.isError ? problemOf(making.error).fields : undefined
  const tooShort = password !== '' && password.length < leastPassword

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (password.length >= leastPassword) making.mutate()
  }

  if (token === '') {
    return (
      <Doorway title="Set up Trunkline">
        <Empty>
          This page opens by the link that the server prints when it starts for the first time. The command{' '}
          <code>npx trunkline setup-link</code> prints a new one.
        </Empty>
      </Doorway>
    )
  }
  return (
    <Doorway
      title="Set up Trunkline"
      lead="One account to begin with: yours. Nothing is dialled until you connect a carrier."
    >
      <form onSubmit={submit}>
        <TextInput
          label="E-mail"
          type="email"
          name="username"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          size="md"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={refused?.['email']}
        />
        <PasswordInput
          label="Password"
          description={`At least ${leastPassword} characters. Any will do.`}
          name="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          size="md"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={
            refused?.['password'] ??
            (tooShort && making.isIdle ? `${leastPassword - password.length} more` : undefined)
          }
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password', tabIndex: 0 }}
        />
        <TextInput
          label="Time zone"
          description="Taken from this browser."
          required
          withAsterisk={false}
          size="md"
          value={zone}
          onChange={(event) => setZone(event.currentTarget.value)}
          error={refused?.['time_zone']}
        />
        {making.isError && <Fault error={making.error} title="The account was not made." />}
        <Button type="submit" size="md" fullWidth loading={making.isPending}>
          Create the account
        </Button>
      </form>
    </Doorway>
  )
}
