import { useEffect, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Button, CopyButton } from '@mantine/core'
import { productNow } from '../../lib/product-time.ts'
import type { Lead } from '../../lib/lead-types.ts'
import { formatClock } from '../../lib/time-format.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { LeadBadge } from './lead-badge.tsx'
import { LeadFacts } from './lead-facts.tsx'
import { nameOf, wordsOf } from './lead.ts'
import { OutcomePanel } from './outcome-panel.tsx'
import { takeLead, usePoppedLeads } from './popped.ts'
import { leadQuery, leadsQuery } from './read-leads.ts'
import { saidOf } from './said.ts'
import { Timeline } from './timeline.tsx'
import classes from './agent.module.css'

interface AgentPageProps {
  leadId: number | undefined
  /** The person who is signed in. */
  userId: string
  onLead: (leadId: number | undefined) => void
}

/**
 * The agent's screen. A lead that the dialer tells of appears by itself; while somebody is typing about another one it
 * waits in line instead.
 */
export function AgentPage({ leadId, userId, onLead }: AgentPageProps) {
  const popped = usePoppedLeads()
  const [busy, setBusy] = useState(false)
  const newest = popped[0]
  const isFree = leadId === undefined || !busy

  useEffect(() => {
    if (newest === undefined || !isFree) return
    takeLead(newest)
    onLead(newest)
  }, [newest, isFree, onLead])

  function next(): void {
    setBusy(false)
    onLead(popped[0])
  }

  return (
    <Page title="Agent screen">
      <p className="unseen" role="status">
        {popped.length > 0 ? `${popped.length} leads waiting` : ''}
      </p>
      {newest !== undefined && (
        <div className={classes.waiting}>
          {popped.length === 1 ? 'Another lead is waiting.' : `${popped.length} leads are waiting.`}
          <Button
            size="xs"
            onClick={() => {
              takeLead(newest)
              onLead(newest)
            }}
          >
            Show it
          </Button>
        </div>
      )}
      <div className={classes.screen}>
        <div className={classes.list}>
          <MyLeads userId={userId} here={leadId} onLead={onLead} />
        </div>
        {leadId === undefined ? (
          <Panel>
            <Empty>Ready. The lead of your next call appears here by itself.</Empty>
          </Panel>
        ) : (
          <OnCall key={leadId} leadId={leadId} onNext={next} onBusy={setBusy} />
        )}
      </div>
    </Page>
  )
}

type OnCallProps = { leadId: number; onNext: () => void; onBusy: (busy: boolean) => void }

function OnCall({ leadId, onNext, onBusy }: OnCallProps) {
  const { data: lead, error, isError, refetch } = useQuery(leadQuery(leadId))
  useEffect(() => () => onBusy(false), [onBusy])
  if (isError) {
    return (
      <Fault
        error={error}
        title="This lead is not there, or it belongs to somebody else. Look for its number in Leads."
        onRetry={() => void refetch()}
      />
    )
  }
  if (lead === undefined) return <LoadingRows rows={5} height={44} label="The lead" />
  return (
    <>
      <div className={classes.middle}>
        <LeadHead lead={lead} />
        <LeadFacts lead={lead} />
        <Panel title="What happened">
          <Timeline leadId={lead.id} />
        </Panel>
      </div>
      {/* Whatever is typed or chosen here makes the next lead wait. */}
      <div onInput={() => onBusy(true)} onClick={() => onBusy(true)} role="presentation">
        <OutcomePanel lead={lead} onNext={onNext} />
      </div>
    </>
  )
}

function LeadHead({ lead }: { lead: Lead }) {
  const number = lead.phone_e164 ?? lead.phone
  const zone = lead.local_timezone
  const name = nameOf(lead)
  useEffect(() => {
    document.title = `☎ ${name} · Trunkline`
  }, [name])
  return (
    <Panel>
      <h2 data-lead={lead.id}>{name}</h2>
      <LeadBadge status={lead.status} blocked={lead.do_not_call} />
      {number !== null && (
        <p className={classes.number}>
          {number}{' '}
          <CopyButton value={number}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </p>
      )}
      {zone !== null && (
        <p>
          It is {formatClock(new Date(productNow()).toISOString(), zone, productNow())} there ({zone})
        </p>
      )}
      {saidOf(lead).map(({ name: member, value }) => (
        <p key={member} className={classes.said}>
          The dialer says {wordsOf(member).toLowerCase()}: {value}
        </p>
      ))}
    </Panel>
  )
}

function MyLeads({
  userId,
  here,
  onLead,
}: {
  userId: string
  here: number | undefined
  onLead: (id: number) => void
}) {
  const { data } = useQuery(leadsQuery({ agent: userId }, 1))
  const mine = data?.results.slice(0, 20) ?? []
  return (
    <Panel title="My leads">
      <nav className={classes.mine} aria-label="My leads">
        {mine.map((lead) => (
          <button
            key={lead.id}
            type="button"
            className={classes.pick}
            data-here={lead.id === here || undefined}
            onClick={() => onLead(lead.id)}
          >
            {nameOf(lead)}
          </button>
        ))}
        {data !== undefined && mine.length === 0 && <p className={classes.hint}>None yet.</p>}
      </nav>
    </Panel>
  )
}
