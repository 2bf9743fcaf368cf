import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { formatCount, plural } from '../../lib/number-format.ts'
import { readDraft, writeDraft } from '../../lib/draft.ts'
import { modeQuery } from '../../lib/read-mode.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import { beginCampaign } from './begin-campaign.ts'
import { isImporting, type Campaign } from './campaign.ts'
import { MessageField } from './message-field.tsx'
import { unknownTags } from './message.ts'
import { progressOf } from './progress.ts'
import { campaignKey } from './read-campaign.ts'

/** The last step before anybody is called: what will be said, and to how many. */
export function BeginPanel({ campaign }: { campaign: Campaign }) {
  const client = useQueryClient()
  const draftName = `message of campaign ${campaign.id}`
  const [message, setMessage] = useState(() => readDraft(draftName) ?? campaign.message ?? '')
  const live = useQuery(modeQuery).data?.carrier === 'live'
  const [asking, setAsking] = useState(false)
  const begin = useMutation({
    mutationFn: () => beginCampaign(campaign.id, message.trim()),
    onSettled: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: campaignKey(campaign.id) })
    },
  })
  const people = progressOf(campaign.counts ?? { not_started: campaign.numberCount }).left
  const obstacle = obstacleOf(campaign, people, message)

  function start(): void {
    if (live && !asking) setAsking(true)
    else begin.mutate()
  }

  return (
    <Panel title="What they will hear">
      <MessageField
        value={message}
        tags={campaign.usableTags}
        onChange={(text) => {
          setMessage(text)
          writeDraft(draftName, text)
        }}
      />
      {begin.isError && <Fault error={begin.error} title="The campaign did not begin." />}
      <Group gap="sm">
        <Button
          size="md"
          {...(asking ? { color: 'red' } : {})}
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
          disabled={obstacle !== null}
          loading={begin.isPending}
          onClick={start}
        >
          {asking
            ? `Really call ${plural(people, 'person', 'people')}`
            : `Call ${plural(people, 'person', 'people')}`}
        </Button>
        {asking && (
          <Button size="md" variant="default" onClick={() => setAsking(false)}>
            Not yet
          </Button>
        )}
        <span style={{ color: 'var(--muted)' }}>
          {obstacle ??
            (live ? `Real phones will ring: ${formatCount(people)}.` : 'Rehearsal: no phone rings.')}
        </span>
      </Group>
    </Panel>
  )
}

/** Why it cannot begin now, in words; null when it can. */
function obstacleOf(campaign: Campaign, people: number, message: string): string | null {
  if (isImporting(campaign)) return 'The numbers are still being imported.'
  if (people === 0) return 'There is no number to call.'
  if (message.trim() === '') return 'Write a message first.'
  const unknown = unknownTags(message, campaign.usableTags)
  return unknown.length > 0
    ? `The list has no column for ${unknown.map((tag) => `{${tag}}`).join(', ')}.`
    : null
}
