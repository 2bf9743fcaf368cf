import { useQuery } from '@tanstack/react-query'
import { formatCount, formatShare, plural } from '../../lib/number-format.ts'
import { formatTalk } from '../../lib/time-format.ts'
import type { Report } from '../../lib/campaign-types.ts'
import { BarsChart, type Bar } from '../../ui/bars-chart.tsx'
import { CurveChart } from '../../ui/curve-chart.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Panel } from '../../ui/page.tsx'
import { lookOf } from '../../ui/state.ts'
import { useZone } from '../../ui/zone.ts'
import type { Campaign } from './campaign.ts'
import { reportQuery } from './checks.ts'
import { progressOf } from './progress.ts'
import classes from './report-panel.module.css'

/** What came of it, in pictures; each is a table too. */
export function ReportPanel({ campaign }: { campaign: Campaign }) {
  const { data, error, isError, isPending, refetch } = useQuery(reportQuery(campaign.id))
  return (
    <Panel title="What came of it">
      {isError && (
        <Fault error={error} title="The report could not be read." onRetry={() => void refetch()} />
      )}
      {isPending && <LoadingRows rows={4} height={44} label="The report" />}
      <div className={classes.charts}>
        {data?.burn_up && (
          <BurnUp campaign={campaign} burnUp={data.burn_up} isOneOfSeveral={data.runs.length > 1} />
        )}
        <Outcomes campaign={campaign} />
        {data?.listening && <Listening listening={data.listening} />}
        {data?.by_hour && data.by_hour.length > 1 && <ByHour hours={data.by_hour} />}
        {data?.keys && data.keys.length > 0 && <Keys keys={data.keys} named={campaign.options.keys} />}
        {data?.callers && data.callers.length > 1 && <Callers callers={data.callers} />}
      </div>
      {data && <Figures report={data} />}
    </Panel>
  )
}

interface BurnUpProps {
  campaign: Campaign
  burnUp: NonNullable<Report['burn_up']>
  /** The curve is that of the newest run alone. */
  isOneOfSeveral: boolean
}

function BurnUp({ campaign, burnUp, isOneOfSeveral }: BurnUpProps) {
  const { step_seconds: step, done } = burnUp
  const points = done.map((count, index) => ({ x: index * step, y: count }))
  return (
    <CurveChart
      title={isOneOfSeveral ? 'How did the last run come along?' : 'How did it come along?'}
      points={points}
      most={Math.max(1, done.at(-1) ?? 0)}
      nameX="Since it began"
      nameY={campaign.service === 'SMS' ? 'Texted' : 'Called'}
      wordX={(seconds) => `${formatTalk(Math.round(seconds))}`}
      wordY={(count) => formatCount(Math.round(count))}
      steps
      empty="Measuring…"
    />
  )
}

/** The counts that the stream tells: they move with the bar above. */
function Outcomes({ campaign }: { campaign: Campaign }) {
  const bars = progressOf(campaign.counts ?? { not_started: campaign.numberCount })
    .segments.map(({ status, count }): Bar => {
      const { word, color } = lookOf(status)
      return { name: word, count, color }
    })
    .sort((a, b) => b.count - a.count)
  return <BarsChart title="How did they end?" bars={bars} empty="There is no number yet." />
}

function Listening({ listening }: { listening: NonNullable<Report['listening']> }) {
  const { answered, still } = listening
  const points = still.map((count, second) => ({
    x: second,
    y: answered === 0 ? 0 : (100 * count) / answered,
  }))
  return (
    <CurveChart
      title={`How long do they listen? (${plural(answered, 'answer')})`}
      points={points}
      most={100}
      nameX="Second of the message"
      nameY="Still listening"
      wordX={(second) => formatTalk(Math.round(second))}
      wordY={(share) => `${Math.round(share)} %`}
      empty="Nobody has answered yet."
    />
  )
}

function ByHour({ hours }: { hours: NonNullable<Report['by_hour']> }) {
  const zone = useZone()
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const bars = hours.slice(-24).map(({ hour, calls, answered }) => ({
    name: format.format(Date.parse(hour)),
    count: calls,
    part: answered,
  }))
  return <BarsChart title="When do they answer?" bars={bars} partName="answered" empty="" />
}

function Keys({ keys, named }: { keys: NonNullable<Report['keys']>; named: Campaign['options']['keys'] }) {
  const bars = keys.map(({ key, calls }) => {
    const label = key === '9' ? 'opted out' : named?.[key]?.label
    return { name: label ? `${key} · ${label}` : key, count: calls }
  })
  return <BarsChart title="Which keys were pressed?" bars={bars} empty="" />
}

function Callers({ callers }: { callers: NonNullable<Report['callers']> }) {
  const bars = callers.map(({ number, calls, answered }) => ({ name: number, count: calls, part: answered }))
  return <BarsChart title="Which number is answered?" bars={bars} partName="answered" empty="" />
}

function Figures({ report }: { report: Report }) {
  const { calls, durations, credits } = report
  const facts: [string, string][] = [
    ...(calls
      ? ([
          ['Calls made', formatCount(calls.total)],
          ['Answered', `${formatCount(calls.answered)} (${formatShare(calls.answered, calls.total)})`],
          ...(calls.machine > 0
            ? [['By machines', formatCount(calls.machine)] satisfies [string, string]]
            : []),
        ] satisfies [string, string][])
      : []),
    ...(durations
      ? ([
          ['Talked, in the middle', formatTalk(durations.median ?? 0)],
          ['Longest', formatTalk(durations.longest ?? 0)],
          ['Talked in all', formatTalk(durations.total)],
        ] satisfies [string, string][])
      : []),
    ['Credits used', formatCount(credits.used)],
  ]
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
