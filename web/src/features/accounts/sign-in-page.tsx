import { useState, type FormEvent } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { Fault } from '../../ui/fault.tsx'
import { Doorway } from './doorway.tsx'
import { meKey } from './read-me.ts'
import { signIn } from './sign-in.ts'

/** `onDone` is called when the session stands. */
export function SignInPage({ onDone }: { onDone: () => void }) {
  const client = useQueryClient()
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const signing = useMutation({
    mutationFn: () => signIn(login.trim(), password),
    onSuccess: async () => {
      await client.resetQueries({ queryKey: meKey })
      onDone()
    },
  })

  function submit(event: FormEvent): void {
    event.preventDefault()
    signing.mutate()
  }

  return (
    <Doorway title="Sign in">
      <form onSubmit={submit}>
        <TextInput
          label="E-mail or username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          autoFocus
          size="md"
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password', tabIndex: 0 }}
        />
        {signing.isError && <Fault error={signing.error} title="Not signed in." />}
        <Button type="submit" size="md" fullWidth loading={signing.isPending}>
          Sign in
        </Button>
      </form>
    </Doorway>
  )
}
