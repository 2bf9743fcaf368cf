import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { formatCount, formatShare, plural } from '../../lib/number-format.ts'
import { formatSpan } from '../../lib/time-format.ts'
import { Announcer } from '../../ui/announcer.tsx'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LinkButton } from '../../ui/link-button.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { SegmentedBar, SegmentLegend } from '../../ui/segmented-bar.tsx'
import { CampaignActions } from './campaign-actions.tsx'
import { CampaignBadge } from './campaign-badge.tsx'
import type { Campaign } from './campaign.ts'
import { ImportNotice } from './import-notice.tsx'
import { NumbersPanel } from './numbers-panel.tsx'
import { progressOf, type Progress } from './progress.ts'
import { ReportPanel } from './report-panel.tsx'
import { campaignQuery } from './read-campaign.ts'
import { usePace } from './use-pace.ts'
import classes from './campaign-page.module.css'

export function CampaignPage({ campaignId }: { campaignId: number }) {
  const { data: campaign, error, isError, refetch } = useQuery(campaignQuery(campaignId))
  return (
    <Page
      title={campaign?.name ?? (isError ? 'Campaign' : 'Loading…')}
      trail={<Trail />}
      badge={campaign && <CampaignBadge status={campaign.status} />}
      actions={campaign && <CampaignActions campaign={campaign} />}
    >
      {isError && (
        <Fault error={error} title="This campaign could not be read." onRetry={() => void refetch()} />
      )}
      {campaign === undefined ? (
        !isError && <LoadingRows rows={5} height={44} label="The campaign" />
      ) : (
        <>
          {campaign.import && <ImportNotice job={campaign.import} />}
          {campaign.pauseReason !== null && (
            <p className={classes.paused} role="status">
              It paused by itself: {campaign.pauseReason}
            </p>
          )}
          <ProgressPanel campaign={campaign} />
          {campaign.status === 'Not Started' ? (
            <ComposePanel campaign={campaign} />
          ) : (
            <ReportPanel campaign={campaign} />
          )}
          <NumbersPanel campaign={campaign} />
        </>
      )}
    </Page>
  )
}

function Trail() {
  return (
    <Link to="/campaigns" className={classes.trail}>
      ← Campaigns
    </Link>
  )
}

/** Nothing was begun yet: what they get, and when, is composed on a page of its own. */
function ComposePanel({ campaign }: { campaign: Campaign }) {
  return (
    <Panel title="Nobody was called yet">
      <p>{campaign.message ?? 'There is no message yet.'}</p>
      <div>
        <LinkButton to="/campaigns/new" search={{ campaign: campaign.id }} size="md">
          Compose and begin
        </LinkButton>
      </div>
    </Panel>
  )
}

function ProgressPanel({ campaign }: { campaign: Campaign }) {
  const progress = progressOf(campaign.counts ?? { not_started: campaign.numberCount })
  return (
    <Panel title="Progress">
      <SegmentedBar segments={progress.segments} total={progress.total} tall />
      <Headline campaign={campaign} progress={progress} />
      <SegmentLegend segments={progress.segments} total={progress.total} />
      {progress.invalid > 0 && (
        <p className={classes.aside}>
          {plural(progress.invalid, 'more is no possible number', 'more are no possible numbers')} and will
          not be called.
        </p>
      )}
      <Announcer text={`${progress.done} of ${progress.total} done`} />
    </Panel>
  )
}

function Headline({ campaign, progress }: { campaign: Campaign; progress: Progress }) {
  const running = campaign.status === 'Running'
  const pace = usePace(progress.done, progress.total - progress.done, running)
  const share = formatShare(progress.done, progress.total)
  return (
    <dl className={classes.figures}>
      <Figure
        name="Done"
        value={`${formatCount(progress.done)} of ${formatCount(progress.total)}`}
        aside={share}
      />
      <Figure name="Calling now" value={formatCount(progress.calling)} />
      <Figure
        name="Rate"
        value={
          running && pace ? `${formatCount(Math.round(pace.perMinute))} / min` : running ? 'Measuring…' : '–'
        }
      />
      {campaign.status === 'Scheduled' && campaign.scheduledFor ? (
        <div className={classes.figure}>
          <dt>Begins</dt>
          <dd>
            <ClockTime iso={campaign.scheduledFor} />
          </dd>
        </div>
      ) : (
        <Figure name="Time left" value={timeLeft(campaign, running ? (pace?.secondsLeft ?? null) : null)} />
      )}
    </dl>
  )
}

function timeLeft(campaign: Campaign, seconds: number | null): string {
  if (campaign.status === 'Completed' || campaign.status === 'Terminated') return 'Ended'
  if (seconds === null) return '–'
  return seconds < 1 ? 'Nearly there' : formatSpan(seconds)
}

function Figure({ name, value, aside }: { name: string; value: string; aside?: string }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>
        {value} {aside && <span className={classes.share}>{aside}</span>}
      </dd>
    </div>
  )
}
