import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from '@mantine/core'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { LeadBadge } from './lead-badge.tsx'
import { LeadFacts } from './lead-facts.tsx'
import { LeadForm } from './lead-form.tsx'
import { nameOf } from './lead.ts'
import { MergePanel } from './merge-panel.tsx'
import { leadKey, leadQuery } from './read-leads.ts'
import { Timeline } from './timeline.tsx'
import { changeLead } from './write-lead.ts'
import classes from './leads.module.css'

/** One person: what is known, and what happened. */
export function LeadPage({ leadId }: { leadId: number }) {
  const client = useQueryClient()
  const [editing, setEditing] = useState(false)
  const { data: lead, error, isError, refetch } = useQuery(leadQuery(leadId))
  const block = useMutation({
    mutationFn: () => changeLead(leadId, { do_not_call: true }),
    onSuccess: () => client.invalidateQueries({ queryKey: leadKey(leadId) }),
  })
  useShortcuts('Lead', [{ keys: 'e', label: 'Change the lead', run: () => setEditing(true) }])
  if (isError) {
    return (
      <Page title="Lead" trail={<Link to="/leads">Leads</Link>}>
        <Fault
          error={error}
          title="This lead is not there, or it is somebody else’s."
          onRetry={() => void refetch()}
        />
      </Page>
    )
  }
  if (lead === undefined) {
    return (
      <Page title="Lead">
        <LoadingRows rows={6} height={44} label="The lead" />
      </Page>
    )
  }
  return (
    <Page
      title={nameOf(lead)}
      trail={<Link to="/leads">Leads</Link>}
      badge={<LeadBadge status={lead.status} blocked={lead.do_not_call} />}
      actions={
        <>
          <Button variant="default" onClick={() => setEditing(true)}>
            Change
          </Button>
          {!lead.do_not_call && (
            <Button variant="default" loading={block.isPending} onClick={() => block.mutate()}>
              Do not call
            </Button>
          )}
        </>
      }
    >
      {block.isError && <Fault error={block.error} title="The number is not on the do-not-call list." />}
      <div className={classes.columns}>
        <div className={classes.story}>
          {editing ? <LeadForm lead={lead} onDone={() => setEditing(false)} /> : <LeadFacts lead={lead} />}
          <MergePanel lead={lead} />
        </div>
        <Panel title="What happened">
          <Timeline leadId={leadId} />
        </Panel>
      </div>
    </Page>
  )
}
