import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { CallDetail } from '../../lib/api-types.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { TalkTimer } from './talk-timer.tsx'
import classes from './call-facts.module.css'

export function CallFacts({ call }: { call: CallDetail }) {
  return (
    <dl className={classes.facts}>
      <Fact name="Name">{call.customer_name ?? 'Unknown'}</Fact>
      <Fact name="Agent">{call.agent.name}</Fact>
      {call.from_number && <Fact name="Calls from">{call.from_number}</Fact>}
      {typeof call.campaign_id === 'number' && (
        <Fact name="Campaign">
          <Link to="/campaigns/$campaignId" params={{ campaignId: String(call.campaign_id) }}>
            Campaign {call.campaign_id}
          </Link>
        </Fact>
      )}
      <Fact name="Created">
        <ClockTime iso={call.created_at} />
      </Fact>
      <Fact name="Answered">
        {call.started_at === null ? 'Not yet' : <ClockTime iso={call.started_at} />}
      </Fact>
      <Fact name="Talked">
        <span className="numerals">
          <TalkTimer call={call} />
        </span>
      </Fact>
      {call.answered_by && <Fact name="Answered by">{whoAnswered(call.answered_by)}</Fact>}
      {call.pressed && (
        <Fact name="Pressed">
          {[...call.pressed].join(', ')}
          {call.pressed.includes('9') && ' (opted out)'}
        </Fact>
      )}
      {call.reason && <Fact name="Reason">{call.reason.replace(/_/g, ' ')}</Fact>}
      {call.call_sid !== null && (
        <Fact name="At the carrier">
          <code>{call.call_sid}</code>
        </Fact>
      )}
    </dl>
  )
}

function whoAnswered(word: string): string {
  if (word === 'human') return 'A person'
  return word.startsWith('machine') || word === 'fax' ? 'A machine' : 'Not known'
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
