import { useState } from 'react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, NativeSelect, Switch, Textarea } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import { useProductNow } from '../../lib/product-time.ts'
import type { Hero } from '../../lib/request-types.ts'
import { clockWords, placeWords } from '../../lib/zone-words.ts'
import { Fault } from '../../ui/fault.tsx'
import { LinkButton } from '../../ui/link-button.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { Portrait } from './heroes-page.tsx'
import { askForCall, changeHero } from './move-request.ts'
import { heroesKey, heroQuery, requestsKey } from './read-requests.ts'
import { nameOf } from './request.ts'
import classes from './requests.module.css'

const lengths = [15, 30, 45, 60, 75, 90, 105, 120]

/** A public profile, and the way to ask for a call; for the hero, the way to change it. */
export function HeroPage({ heroId, userId, isAdmin }: { heroId: number; userId: string; isAdmin: boolean }) {
  const { data, error, isError, refetch } = useQuery(heroQuery(heroId))
  const now = useProductNow()
  const trail = <Link to="/heroes">Heroes</Link>
  if (data === undefined) {
    return (
      <Page title="Hero" trail={trail}>
        {isError ? (
          <Fault error={error} title="This hero could not be read." onRetry={() => void refetch()} />
        ) : (
          <LoadingRows rows={2} height={72} label="The hero" />
        )}
      </Page>
    )
  }
  const isOwn = data.user === userId
  return (
    <Page title={nameOf(data)} trail={trail}>
      <Panel>
        <div className={classes.hero}>
          <Portrait hero={data} />
          <span className={classes.heroWords}>
            <span>{data.bio || 'No headline yet.'}</span>
            <span className={classes.quiet}>
              {clockWords(now, data.timezone)} there ({placeWords(now, data.timezone)})
            </span>
            {!data.active && <span className={classes.note}>Not taking requests.</span>}
          </span>
        </div>
      </Panel>
      {(isOwn || isAdmin) && <ProfileForm key={data.id} hero={data} />}
      {!isOwn && data.active && <AskForm hero={data} />}
    </Page>
  )
}

function AskForm({ hero }: { hero: Hero }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [message, setMessage] = useState('')
  const [length, setLength] = useState(30)
  const asking = useMutation({
    mutationFn: () => askForCall({ hero_id: hero.id, message, estimated_length: length }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: requestsKey })
      await navigate({ to: '/requests/$requestId', params: { requestId: String(id) } })
    },
  })
  const problem = asking.isError ? problemOf(asking.error) : null
  const isUnverified = problem?.code.endsWith('_unverified') === true
  return (
    <Panel title="Ask for a call">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          asking.mutate()
        }}
      >
        <Textarea
          label="What it is about"
          required
          autosize
          minRows={3}
          maxLength={500}
          value={message}
          error={problem?.fields?.['message']}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <NativeSelect
          label="How long"
          value={String(length)}
          onChange={(event) => setLength(Number(event.currentTarget.value))}
          data={lengths.map((minutes) => ({ value: String(minutes), label: `${minutes} minutes` }))}
        />
        {problem && problem.fields?.['message'] === undefined && (
          <Fault error={asking.error} title="It was not sent." />
        )}
        <div className={classes.buttons}>
          <Button type="submit" loading={asking.isPending}>
            Ask {hero.first_name || nameOf(hero)}
          </Button>
          {isUnverified && (
            <LinkButton to="/account" variant="default">
              Verify it now
            </LinkButton>
          )}
        </div>
      </form>
    </Panel>
  )
}

function ProfileForm({ hero }: { hero: Hero }) {
  const client = useQueryClient()
  const [bio, setBio] = useState(hero.bio)
  const [active, setActive] = useState(hero.active)
  const saving = useMutation({
    mutationFn: () => changeHero(hero.id, { bio, active }),
    onSuccess: () => void client.invalidateQueries({ queryKey: heroesKey }),
  })
  return (
    <Panel title="Profile">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          saving.mutate()
        }}
      >
        <Textarea
          label="Headline"
          autosize
          minRows={2}
          maxLength={500}
          value={bio}
          onChange={(event) => setBio(event.currentTarget.value)}
        />
        <Switch
          label="Takes requests"
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
        {saving.isError && <Fault error={saving.error} title="It was not saved." />}
        <div className={classes.buttons}>
          <Button type="submit" variant="default" loading={saving.isPending}>
            Save
          </Button>
          {saving.isSuccess && <span role="status">Saved.</span>}
        </div>
      </form>
    </Panel>
  )
}
