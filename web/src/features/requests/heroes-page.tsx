import { Link } from '@tanstack/react-router'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Hero } from '../../lib/request-types.ts'
import { useProductNow } from '../../lib/product-time.ts'
import { clockWords, placeWords } from '../../lib/zone-words.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { FilterField } from '../../ui/filter-field.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { applyAsHero, changeHero } from './move-request.ts'
import { heroesKey, heroesQuery, requestsPageSize } from './read-requests.ts'
import { nameOf } from './request.ts'
import classes from './requests.module.css'

export interface HeroesSearch {
  q?: string | undefined
  page?: number | undefined
}

interface HeroesPageProps {
  search: HeroesSearch
  onSearch: (change: HeroesSearch) => void
  role: string
  /** Who looks is a hero, or has asked to be one. */
  isHero: boolean
}

/** The people who may be asked for a call. */
export function HeroesPage({ search, onSearch, role, isHero }: HeroesPageProps) {
  const page = search.page ?? 1
  const { data, error, isError, refetch } = useQuery({
    ...heroesQuery({ search: search.q ?? '', page, waiting: false }),
    placeholderData: keepPreviousData,
  })
  const pages = Math.max(1, Math.ceil((data?.count ?? 0) / requestsPageSize))
  return (
    <Page
      title="Heroes"
      actions={
        <FilterField
          label="Name"
          value={search.q ?? ''}
          onChange={(q) => onSearch({ q: q === '' ? undefined : q, page: undefined })}
        />
      }
    >
      {isError && (
        <Fault error={error} title="The heroes could not be read." onRetry={() => void refetch()} />
      )}
      {data === undefined && !isError && <LoadingRows rows={4} height={72} label="Heroes" />}
      {data?.results.length === 0 && (
        <Empty>
          {search.q
            ? `No hero has “${search.q}” in the name.`
            : 'No heroes yet. An administrator can make one.'}
        </Empty>
      )}
      <ul className={classes.heroes}>
        {data?.results.map((hero) => (
          <li key={hero.id}>
            <HeroCard hero={hero} />
          </li>
        ))}
      </ul>
      {pages > 1 && (
        <Group component="nav" aria-label="Pages" justify="center" gap="sm">
          <Button
            variant="default"
            disabled={page <= 1}
            onClick={() => onSearch({ ...search, page: page - 1 })}
          >
            Back
          </Button>
          <Button
            variant="default"
            disabled={page >= pages}
            onClick={() => onSearch({ ...search, page: page + 1 })}
          >
            More
          </Button>
        </Group>
      )}
      {role === 'admin' && <Waiting />}
      {!isHero && <Apply />}
    </Page>
  )
}

function HeroCard({ hero }: { hero: Hero }) {
  const now = useProductNow()
  return (
    <Link to="/heroes/$heroId" params={{ heroId: String(hero.id) }} className={classes.hero}>
      <Portrait hero={hero} />
      <span className={classes.heroWords}>
        <strong>{nameOf(hero)}</strong>
        <span className={classes.cut}>{hero.bio}</span>
        <span className={classes.quiet}>
          {clockWords(now, hero.timezone)} there ({placeWords(now, hero.timezone)})
        </span>
      </span>
    </Link>
  )
}

export function Portrait({ hero }: { hero: Hero }) {
  if (hero.profile_image !== null)
    return <img className={classes.portrait} src={hero.profile_image} alt="" width={48} height={48} />
  const initials = `${hero.first_name.slice(0, 1)}${hero.last_name.slice(0, 1)}`.toUpperCase()
  return (
    <span className={classes.portrait} aria-hidden>
      {initials || '?'}
    </span>
  )
}

/** Those who asked to become a hero. */
function Waiting() {
  const client = useQueryClient()
  const { data } = useQuery(heroesQuery({ search: '', page: 1, waiting: true }))
  const approving = useMutation({
    mutationFn: (id: number) => changeHero(id, { active: true }),
    onSuccess: () => void client.invalidateQueries({ queryKey: heroesKey }),
  })
  if (data === undefined || data.results.length === 0) return null
  return (
    <Panel title="They ask to be heroes">
      {data.results.map((hero) => (
        <Group key={hero.id} justify="space-between" wrap="nowrap">
          <span>
            <strong>{nameOf(hero)}</strong> <span className={classes.quiet}>{hero.bio}</span>
          </span>
          <Button size="xs" loading={approving.isPending} onClick={() => approving.mutate(hero.id)}>
            Approve
          </Button>
        </Group>
      ))}
      {approving.isError && <Fault error={approving.error} title="Not approved." />}
    </Panel>
  )
}

function Apply() {
  const client = useQueryClient()
  const [bio, setBio] = useState('')
  const applying = useMutation({
    mutationFn: () => applyAsHero(bio),
    onSuccess: () => void client.invalidateQueries({ queryKey: heroesKey }),
  })
  if (applying.isSuccess)
    return (
      <Panel title="Become a hero">
        <p role="status">Sent. An administrator looks at it.</p>
      </Panel>
    )
  return (
    <Panel title="Become a hero">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          applying.mutate()
        }}
      >
        <Textarea
          label="Headline"
          description="What people may ask you about. Everybody who is signed in can read it."
          autosize
          minRows={2}
          maxLength={500}
          value={bio}
          onChange={(event) => setBio(event.currentTarget.value)}
        />
        {applying.isError && <Fault error={applying.error} title="It was not sent." />}
        <Button type="submit" variant="default" loading={applying.isPending}>
          Ask to become a hero
        </Button>
      </form>
    </Panel>
  )
}
