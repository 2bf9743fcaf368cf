import { Link } from '@tanstack/react-router'
import { useMutation, useQuery } from '@tanstack/react-query'
import { ActionIcon, useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import { meQuery } from '../features/accounts/read-me.ts'
import { signOut } from '../features/accounts/sign-out.ts'
import classes from './account-bar.module.css'

const schemes = {
  auto: { word: 'as the system', next: 'light', icon: IconDeviceDesktop },
  light: { word: 'light', next: 'dark', icon: IconSun },
  dark: { word: 'dark', next: 'auto', icon: IconMoon },
} as const

/** Who is signed in, how the page looks, which keys work, and the way out. */
export function AccountBar({ onKeys }: { onKeys: () => void }) {
  const me = useQuery(meQuery).data
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { word, next, icon: SchemeIcon } = schemes[colorScheme]
  // Everything that was read belongs to the session: leaving loads the page anew, with nothing in memory.
  const leaving = useMutation({ mutationFn: signOut, onSettled: () => window.location.assign('/sign-in') })
  const name = me ? `${me.first_name} ${me.last_name}`.trim() || me.email : ''

  return (
    <div className={classes.bar}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        className={classes.keys}
        onClick={onKeys}
      >
        <IconKeyboard size={20} stroke={1.7} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label={`Colours: ${word}. Change to ${schemes[next].word}`}
        title={`Colours: ${word}`}
        onClick={() => setColorScheme(next)}
      >
        <SchemeIcon size={20} stroke={1.7} />
      </ActionIcon>
      <Link to="/account" className={classes.name} title={me?.email}>
        {name}
      </Link>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label="Sign out"
        title="Sign out"
        loading={leaving.isPending}
        onClick={() => leaving.mutate()}
      >
        <IconLogout size={20} stroke={1.7} />
      </ActionIcon>
    </div>
  )
}
