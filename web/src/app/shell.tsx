import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Link, Outlet, useLocation, useNavigate, useRouter } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import {
  IconActivityHeartbeat,
  IconCalendarEvent,
  IconCoins,
  IconHeadset,
  IconMessage,
  IconPassword,
  IconPhone,
  IconPhoneCalling,
  IconPlugConnected,
  IconSpeakerphone,
  IconStar,
  IconUserCheck,
  IconUsers,
} from '@tabler/icons-react'
import { meQuery } from '../features/accounts/read-me.ts'
import { modeQuery } from '../lib/read-mode.ts'
import { Brand } from '../ui/brand.tsx'
import { useFocusBack } from '../ui/focus-back.ts'
import { listenForShortcuts, useShortcuts } from '../ui/keyboard.ts'
import { moveInRows } from '../ui/row-grid.tsx'
import { ZoneContext } from '../ui/zone.ts'
import { AccountBar } from './account-bar.tsx'
import { connectLive } from './live-connection.ts'
import { LivePill } from './live-pill.tsx'
import { ModeStrip } from './mode-strip.tsx'
import classes from './shell.module.css'

const KeySheet = lazy(async () => ({ default: (await import('./key-sheet.tsx')).KeySheet }))

const places = [
  { to: '/today', word: 'Today', keys: 'g t', icon: IconCalendarEvent },
  { to: '/live', word: 'Live', keys: 'g l', icon: IconActivityHeartbeat },
  { to: '/messages', word: 'Messages', keys: 'g m', icon: IconMessage },
  { to: '/campaigns', word: 'Campaigns', keys: 'g c', icon: IconSpeakerphone },
  { to: '/requests', word: 'Requests', keys: 'g r', icon: IconPhoneCalling, everybody: true },
  { to: '/heroes', word: 'Heroes', keys: 'g h', icon: IconStar, guestsOnly: true },
  { to: '/account', word: 'Account', keys: 'g y', icon: IconUserCheck, guestsOnly: true },
  { to: '/leads', word: 'Leads', keys: 'g e', icon: IconUsers },
  { to: '/agent-dashboard', word: 'Agent', keys: 'g a', icon: IconHeadset },
  { to: '/dialer', word: 'Dialer', keys: 'g d', icon: IconPlugConnected, managersOnly: true },
  { to: '/numbers', word: 'Numbers', keys: 'g n', icon: IconPhone, managersOnly: true },
  { to: '/otp', word: 'Codes', keys: 'g o', icon: IconPassword, managersOnly: true },
  { to: '/credits', word: 'Credits', keys: 'g k', icon: IconCoins, managersOnly: true },
] as const

/** The frame around every page for those who are signed in. */
export function Shell() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()
  const me = useQuery(meQuery).data
  const mode = useQuery(modeQuery).data
  const isManager = me?.role === 'admin' || me?.role === 'manager'
  const isGuest = me?.role === 'hero' || me?.role === 'caller'
  const shown = places.filter((place) => {
    if (isGuest) return 'everybody' in place || 'guestsOnly' in place
    return !('guestsOnly' in place) && (isManager || !('managersOnly' in place))
  })
  // Loaded when first wanted, and kept from then on, so that it can be seen to close.
  const [sheet, setSheet] = useState<'unopened' | 'open' | 'closed'>('unopened')
  const openSheet = () => setSheet('open')
  const giveFocusBack = useFocusBack(sheet === 'open')

  const nav = useRef<HTMLElement>(null)
  const { pathname } = useLocation()

  // On a small screen the places are a row of tabs that may be wider than it.
  useEffect(() => {
    const tabs = [...(nav.current?.querySelectorAll('a') ?? [])]
    const here = tabs.find((tab) => pathname.startsWith(new URL(tab.href).pathname))
    here?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname])
  useEffect(() => connectLive(client), [client])
  useEffect(() => listenForShortcuts(), [])
  useShortcuts('Everywhere', [
    ...shown.map(({ to, word, keys }) => ({
      keys,
      label: `Go to ${word}`,
      run: () => void navigate({ to }),
    })),
    { keys: '?', label: 'Show these keys', run: openSheet },
    { keys: 'j', label: 'Next row', run: () => moveInRows('ArrowDown') },
    { keys: 'k', label: 'Previous row', run: () => moveInRows('ArrowUp') },
    { keys: 'Escape', label: 'Back', run: () => router.history.back() },
  ])

  return (
    <ZoneContext value={me?.timezone || mode?.time_zone || 'UTC'}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.top}>
        <ModeStrip />
        <header className={classes.header}>
          <Link to="/" className={classes.home} aria-label="Trunkline, to the first page">
            <Brand />
          </Link>
          <LivePill />
          <AccountBar onKeys={openSheet} />
        </header>
      </div>
      <nav ref={nav} className={classes.nav} aria-label="Pages">
        {shown.map(({ to, word, keys, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className={classes.place}
            aria-keyshortcuts={keys}
            activeProps={{ 'data-here': true }}
            activeOptions={{ includeSearch: false }}
          >
            <Icon size={20} stroke={1.8} aria-hidden />
            {word}
            <kbd className={classes.keys} aria-hidden>
              {keys.toUpperCase()}
            </kbd>
          </Link>
        ))}
        <p className={classes.workspace}>{mode?.workspace}</p>
      </nav>
      <main id="page" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <Suspense>
        {sheet !== 'unopened' && (
          <KeySheet opened={sheet === 'open'} onClose={() => setSheet('closed')} onClosed={giveFocusBack} />
        )}
      </Suspense>
    </ZoneContext>
  )
}
