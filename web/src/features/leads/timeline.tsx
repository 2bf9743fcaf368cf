import { useQuery } from '@tanstack/react-query'
import type { TimelineEntry } from '../../lib/lead-types.ts'
import { formatTalk } from '../../lib/time-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { lookOf } from '../../ui/state.ts'
import { wordsOf } from './lead.ts'
import { timelineQuery } from './read-leads.ts'
import classes from './leads.module.css'

/** Everything that happened to the person, newest first. */
export function Timeline({ leadId }: { leadId: number }) {
  const { data, error, isError, refetch } = useQuery(timelineQuery(leadId))
  if (isError) {
    return <Fault error={error} title="What happened could not be read." onRetry={() => void refetch()} />
  }
  if (data === undefined) return <LoadingRows rows={4} height={40} label="What happened" />
  return (
    <ol className={classes.story}>
      {data.results.map((entry) => (
        <li key={`${entry.kind} ${entry.id}`}>
          <div className={classes.quiet}>
            <ClockTime iso={entry.at} />
          </div>
          {sentenceOf(entry)}
        </li>
      ))}
    </ol>
  )
}

/** One entry in words. A kind this page does not know yet is still shown. */
export function sentenceOf({ kind, data }: TimelineEntry): string {
  switch (kind) {
    case 'call':
      return callSentence(data)
    case 'text':
      return `Text to ${textOf(data['number'])}: ${lookOf(textOf(data['state'])).word.toLowerCase()} · ${startOf(textOf(data['body']))}`
    case 'text.received':
      return `Text from ${textOf(data['number'])}: ${startOf(textOf(data['body']))}`
    case 'call_plan':
      return `To be called ${planWords[textOf(data['frequency'])] ?? 'again and again'}`
    case 'call_plan.called':
      return [`Called: ${wordsOf(textOf(data['outcome']) || 'recorded')}`, startOf(textOf(data['notes']))]
        .filter((words) => words !== '')
        .join(' · ')
    case 'call_request':
      return `Call request ${data['side'] === 'user' ? 'to' : 'from'} ${textOf(data['with'])}: ${startOf(textOf(data['message']))}`
    case 'call_request.held':
      return `Agreed call with ${textOf(data['with'])}`
    case 'dialer':
      return `The dialer told of a call${data['user'] ? ` of ${textOf(data['user'])}` : ''}${data['campaign'] ? ` in ${textOf(data['campaign'])}` : ''}`
    case 'do_not_call':
      return `${textOf(data['number'])} is on the do-not-call list`
    case 'lead.created':
      return `Added${by(data)}`
    case 'lead.merged':
      return `Another lead was merged into this one${by(data)}`
    case 'lead.changed':
    case 'lead.do_not_call':
      return `${changesOf(data)}${by(data)}`
    default:
      return wordsOf(kind.replaceAll('.', ' '))
  }
}

function callSentence(data: Record<string, unknown>): string {
  const talked =
    typeof data['duration'] === 'number' && data['duration'] > 0 ? `, ${formatTalk(data['duration'])}` : ''
  return `Call to ${textOf(data['number'])}: ${lookOf(textOf(data['state'])).word.toLowerCase()}${talked}`
}

const planWords: Record<string, string> = {
  DAILY: 'every day',
  WEEKLY: 'every week',
  BIWEEKLY: 'every two weeks',
  MONTHLY: 'every month',
}

const most = 60

function changesOf(data: Record<string, unknown>): string {
  const changes = Object.entries(data['changes'] ?? {}) as [
    string,
    { from: string | null; to: string | null },
  ][]
  const told = changes
    .filter(([name]) => name !== 'phone_e164')
    .slice(0, 5)
    .map(([name, { to }]) => `${wordsOf(name)}: ${to === null ? 'removed' : shorten(to)}`)
  return told.join(' · ') || 'Changed'
}

function startOf(text: string): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}

/** The end of a text: what is new in notes stands there. */
function shorten(text: string): string {
  return text.length > most ? `…${text.slice(-most)}` : text
}

function by(data: Record<string, unknown>): string {
  const actor = data['actor']
  if (typeof actor === 'object' && actor !== null && 'name' in actor) return ` (${textOf(actor.name)})`
  return data['source'] === 'dialer' ? ' (dialer)' : ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
