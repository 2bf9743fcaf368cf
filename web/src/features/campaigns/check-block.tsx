import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { problemOf } from '../../lib/api-error.ts'
import { formatCount, plural } from '../../lib/number-format.ts'
import { modeQuery } from '../../lib/read-mode.ts'
import type { Estimate } from '../../lib/campaign-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import { useSettled } from '../../ui/use-settled.ts'
import { beginCampaign } from './begin-campaign.ts'
import { isImporting, type Campaign } from './campaign.ts'
import { estimateQuery } from './checks.ts'
import { beginBody, type Composition } from './composition.ts'
import { unknownTags } from './message.ts'
import { progressOf } from './progress.ts'
import { campaignKey } from './read-campaign.ts'
import classes from './composer.module.css'

interface CheckBlockProps {
  campaign: Campaign
  composed: Composition
  onBegun: () => void
}

/** What stands in the way, what it comes to, and the button that begins it. */
export function CheckBlock({ campaign, composed, onBegun }: CheckBlockProps) {
  const client = useQueryClient()
  const live = useQuery(modeQuery).data?.carrier === 'live'
  const [asking, setAsking] = useState(false)
  const people = progressOf(campaign.counts ?? { not_started: campaign.numberCount }).left
  const obstacle = obstacleOf(campaign, people, composed)
  const body = useSettled(JSON.stringify(beginBody(composed)))
  const check = useQuery({
    ...estimateQuery(campaign.id, JSON.parse(body)),
    enabled: obstacle === null,
  })
  const estimate = obstacle === null ? check.data : undefined
  const begin = useMutation({
    mutationFn: () => beginCampaign(campaign.id, beginBody(composed)),
    onSuccess: onBegun,
    onSettled: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: campaignKey(campaign.id) })
    },
  })
  const verb = composed.service === 'SMS' ? 'Text' : 'Call'
  const whom = plural(estimate?.numbers.callable ?? people, 'person', 'people')

  return (
    <Panel title="4 · Check">
      <ul className={classes.list}>
        {obstacle !== null && <Point kind="problem">{obstacle}</Point>}
        {obstacle === null && check.isError && (
          <Point kind="problem">{problemOf(check.error).sentence}</Point>
        )}
        {estimate?.problems.map((problem) => (
          <Point key={problem.code} kind="problem">
            {problem.message}
          </Point>
        ))}
        {estimate?.warnings.map((warning, index) => (
          <Point key={`${warning.code} ${index}`} kind="warning">
            {warning.message}
          </Point>
        ))}
        {estimate?.can_begin && <Point kind="fine">Everything that is needed is there.</Point>}
      </ul>
      {estimate && <Sum estimate={estimate} />}
      {begin.isError && <Fault error={begin.error} title="The campaign did not begin." />}
      <Group gap="sm">
        <Button
          size="md"
          {...(asking ? { color: 'red' } : {})}
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
          disabled={obstacle !== null || estimate?.can_begin === false}
          loading={begin.isPending}
          onClick={() => (live && !asking ? setAsking(true) : begin.mutate())}
        >
          {asking
            ? `Really ${verb.toLowerCase()} ${whom}`
            : composed.at === ''
              ? `${verb} ${whom}`
              : `Schedule for ${whom}`}
        </Button>
        {asking && (
          <Button size="md" variant="default" onClick={() => setAsking(false)}>
            Not yet
          </Button>
        )}
      </Group>
      <p className={classes.aside}>{live ? 'Real phones will ring.' : 'Rehearsal: no phone rings.'}</p>
    </Panel>
  )
}

const marks = {
  problem: { icon: IconX, color: 'var(--danger)', word: 'In the way: ' },
  warning: { icon: IconAlertTriangle, color: 'var(--warning)', word: 'Mind: ' },
  fine: { icon: IconCheck, color: 'var(--state-completed)', word: '' },
}

function Point({ kind, children }: { kind: keyof typeof marks; children: React.ReactNode }) {
  const { icon: Icon, color, word } = marks[kind]
  return (
    <li>
      <Icon size={16} color={color} stroke={2.2} aria-hidden />
      <span>
        <span className="unseen">{word}</span>
        {children}
      </span>
    </li>
  )
}

function Sum({ estimate }: { estimate: Estimate }) {
  const { cost, when, message, numbers } = estimate
  const aside = numbers.set_aside.reduce((sum, one) => sum + one.count, 0)
  return (
    <dl className={classes.figures}>
      <dt>{estimate.exact ? 'Will be reached' : 'Will be reached, about'}</dt>
      <dd>{formatCount(numbers.callable)}</dd>
      {aside > 0 && (
        <>
          <dt>Set aside</dt>
          <dd>{formatCount(aside)}</dd>
        </>
      )}
      <dt>Costs</dt>
      <dd>
        {range(cost.least, cost.most)} credits
        {cost.available === null ? '' : ` of ${formatCount(cost.available)}`}
      </dd>
      {message.seconds === null ? (
        <>
          <dt>Segments</dt>
          <dd>{message.segments === null ? '–' : range(message.segments.least, message.segments.most)}</dd>
        </>
      ) : (
        <>
          <dt>Lasts</dt>
          <dd>{range(message.seconds.least, message.seconds.most)} s</dd>
        </>
      )}
      <dt>May be reached now</dt>
      <dd>{formatCount(when.open_now)}</dd>
      {when.opens_later > 0 && (
        <>
          <dt>When their hours open</dt>
          <dd>{formatCount(when.opens_later)}</dd>
        </>
      )}
      {when.capped > 0 && (
        <>
          <dt>When the cap lets them</dt>
          <dd>{formatCount(when.capped)}</dd>
        </>
      )}
    </dl>
  )
}

function range(least: number, most: number): string {
  return least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`
}

/** Why it cannot begin now, in words; null when the server may be asked. */
function obstacleOf(campaign: Campaign, people: number, composed: Composition): string | null {
  if (isImporting(campaign)) return 'The numbers are still being imported.'
  if (people === 0) return 'There is no number to call.'
  if (composed.message.trim() === '' && (composed.service === 'SMS' || composed.soundId === null))
    return composed.service === 'SMS' ? 'Write a message.' : 'Write a message, or choose a sound.'
  const unknown = unknownTags(composed.message, campaign.usableTags)
  return unknown.length > 0
    ? `The list has no column for ${unknown.map((tag) => `{${tag}}`).join(', ')}.`
    : null
}
