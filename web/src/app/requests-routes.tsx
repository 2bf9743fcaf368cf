import { getRouteApi } from '@tanstack/react-router'
import { useSuspenseQuery } from '@tanstack/react-query'
import { AccountPage } from '../features/accounts/account-page.tsx'
import { OutboxPage } from '../features/accounts/outbox-page.tsx'
import { meQuery } from '../features/accounts/read-me.ts'
import { HeroPage } from '../features/requests/hero-page.tsx'
import { HeroesPage } from '../features/requests/heroes-page.tsx'
import { RequestPage } from '../features/requests/request-page.tsx'
import { RequestsPage } from '../features/requests/requests-page.tsx'

const requests = getRouteApi('/inside/requests')
const request = getRouteApi('/inside/requests/$requestId')
const heroes = getRouteApi('/inside/heroes')
const hero = getRouteApi('/inside/heroes/$heroId')
const outbox = getRouteApi('/inside/outbox')

export function RequestsRoute() {
  const navigate = requests.useNavigate()
  return (
    <RequestsPage
      search={requests.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true })}
    />
  )
}

export function RequestRoute() {
  const requestId = Number(request.useParams().requestId)
  return <RequestPage key={requestId} requestId={requestId} />
}

export function HeroesRoute() {
  const navigate = heroes.useNavigate()
  const me = useSuspenseQuery(meQuery).data
  return (
    <HeroesPage
      search={heroes.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true })}
      role={me.role}
      isHero={me.hero_id !== null}
    />
  )
}

export function HeroRoute() {
  const me = useSuspenseQuery(meQuery).data
  const heroId = Number(hero.useParams().heroId)
  return <HeroPage key={heroId} heroId={heroId} userId={me.id} isAdmin={me.role === 'admin'} />
}

export function OutboxRoute() {
  const navigate = outbox.useNavigate()
  const { page = 1 } = outbox.useSearch()
  return <OutboxPage page={page} onPage={(next) => void navigate({ search: { page: next } })} />
}

export function AccountRoute() {
  return <AccountPage />
}
