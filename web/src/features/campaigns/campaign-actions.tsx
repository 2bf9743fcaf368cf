import { lazy, Suspense, useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import {
  IconDownload,
  IconList,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRepeat,
} from '@tabler/icons-react'
import { Fault } from '../../ui/fault.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LinkButton } from '../../ui/link-button.tsx'
import type { Campaign } from './campaign.ts'
import { pauseCampaign } from './pause-campaign.ts'
import { campaignKey } from './read-campaign.ts'
import { resumeCampaign } from './resume-campaign.ts'
import { stopCampaign } from './stop-campaign.ts'

const StopDialog = lazy(async () => ({ default: (await import('./stop-dialog.tsx')).StopDialog }))

const RerunDialog = lazy(async () => ({ default: (await import('./rerun-dialog.tsx')).RerunDialog }))

const verbs = { pause: pauseCampaign, resume: resumeCampaign, stop: stopCampaign }

/** Pause, resume and stop, as the state allows; and the way to the calls on the board. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const client = useQueryClient()
  const [stopping, setStopping] = useState<'unasked' | 'asking' | 'answered'>('unasked')
  const action = useMutation({
    mutationFn: (verb: keyof typeof verbs) => verbs[verb](campaign.id),
    onSettled: () => {
      setStopping('answered')
      return client.invalidateQueries({ queryKey: campaignKey(campaign.id) })
    },
  })
  const giveFocusBack = useFocusBack(stopping === 'asking')
  const paused = campaign.status === 'Paused'
  const open = paused || campaign.status === 'Running' || campaign.status === 'Scheduled'
  const over = campaign.status === 'Completed' || campaign.status === 'Terminated'
  const [again, setAgain] = useState<'unasked' | 'asking' | 'answered'>('unasked')
  const giveAgainBack = useFocusBack(again === 'asking')
  const toggle = () => action.mutate(paused ? 'resume' : 'pause')
  useShortcuts('Campaign', [
    ...(open ? [{ keys: 'p', label: paused ? 'Resume' : 'Pause', run: toggle }] : []),
    ...(over ? [{ keys: 'r', label: 'Call again', run: () => setAgain('asking') }] : []),
  ])

  return (
    <>
      <Group gap={6}>
        {campaign.status !== 'Not Started' && (
          <LinkButton
            to="/live"
            search={{ campaign: campaign.id }}
            variant="default"
            leftSection={<IconList size={16} aria-hidden />}
          >
            Its calls
          </LinkButton>
        )}
        {over && (
          <Button leftSection={<IconRepeat size={16} aria-hidden />} onClick={() => setAgain('asking')}>
            {campaign.service === 'SMS' ? 'Text again…' : 'Call again…'}
          </Button>
        )}
        {campaign.status !== 'Not Started' && (
          <Button
            component="a"
            href={`/api/system/campaigns/${campaign.id}/report/?format=xlsx`}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Report
          </Button>
        )}
        {open && (
          <>
            <Button
              variant={paused ? 'filled' : 'default'}
              miw={104}
              loading={action.isPending && action.variables !== 'stop'}
              leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
              onClick={toggle}
            >
              {paused ? 'Resume' : 'Pause'}
            </Button>
            <Button
              variant="default"
              leftSection={<IconPlayerStop size={16} color="var(--danger)" />}
              onClick={() => setStopping('asking')}
            >
              Stop…
            </Button>
          </>
        )}
      </Group>
      {action.isError && (
        <div style={{ flexBasis: '100%' }}>
          <Fault error={action.error} title={`The campaign could not ${action.variables}.`} />
        </div>
      )}
      <Suspense>
        {stopping !== 'unasked' && (
          <StopDialog
            campaign={campaign}
            opened={stopping === 'asking'}
            busy={action.isPending}
            onStop={() => action.mutate('stop')}
            onClose={() => setStopping('answered')}
            onClosed={giveFocusBack}
          />
        )}
        {again !== 'unasked' && (
          <RerunDialog
            key={campaign.message}
            campaign={campaign}
            opened={again === 'asking'}
            onClose={() => setAgain('answered')}
            onClosed={() => {
              setAgain('unasked')
              giveAgainBack()
            }}
          />
        )}
      </Suspense>
    </>
  )
}
