import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import type { Lead } from '../../lib/lead-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Panel } from '../../ui/page.tsx'
import { nameOf, wordsOf } from './lead.ts'
import { duplicatesQuery, leadKey, leadsKey, mergePreviewQuery } from './read-leads.ts'
import { mergeLeads } from './write-lead.ts'
import classes from './leads.module.css'

/** Leads that look like the same person, and what becomes of this one when they are merged into it. */
export function MergePanel({ lead }: { lead: Lead }) {
  const { data } = useQuery(duplicatesQuery(lead.id))
  const [chosen, setChosen] = useState<number | null>(null)
  if (data === undefined || data.results.length === 0) return null
  return (
    <Panel title="Perhaps the same person">
      {data.results.map((other) => (
        <div key={other.id}>
          <Group justify="space-between">
            <span>
              {nameOf(other)} <span className={classes.quiet}>{other.phone_e164 ?? other.email}</span>
            </span>
            <Button
              size="xs"
              variant="default"
              onClick={() => setChosen(chosen === other.id ? null : other.id)}
            >
              {chosen === other.id ? 'Close' : 'Compare'}
            </Button>
          </Group>
          {chosen === other.id && <Preview lead={lead} from={other.id} />}
        </div>
      ))}
    </Panel>
  )
}

function Preview({ lead, from }: { lead: Lead; from: number }) {
  const client = useQueryClient()
  const { data, error, isError } = useQuery(mergePreviewQuery(lead.id, from))
  const merge = useMutation({
    mutationFn: () => mergeLeads(lead.id, from),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: leadKey(lead.id) })
      void client.invalidateQueries({ queryKey: leadsKey })
    },
  })
  if (isError) return <Fault error={error} title="The two could not be compared." />
  if (data === undefined) return <LoadingRows rows={2} height={28} label="The comparison" />
  const changes = Object.entries(data.changes)
  return (
    <>
      <dl className={classes.facts}>
        {changes.map(([name, { from: old, to }]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{wordsOf(name)}</dt>
            <dd>
              {old ?? 'nothing'} → {to ?? 'nothing'}
            </dd>
          </div>
        ))}
      </dl>
      {changes.length === 0 && <p className={classes.quiet}>This lead stays as it is; the other one goes.</p>}
      {merge.isError && <Fault error={merge.error} title="They were not merged." />}
      <Button size="xs" loading={merge.isPending} onClick={() => merge.mutate()}>
        Merge into this lead
      </Button>
    </>
  )
}
