import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Group, NativeSelect } from '@mantine/core'
import type { IntakeEntry } from '../../lib/lead-types.ts'
import { formatCount } from '../../lib/number-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { DialerKeysPanel } from './dialer-keys-panel.tsx'
import { MappingPanel } from './mapping-panel.tsx'
import { intakeKey, intakePageSize, intakeQuery } from './read-intake.ts'
import { replayIntake } from './write-intake.ts'
import classes from './intake.module.css'

export interface IntakeSearch {
  status?: string | undefined
  page?: number | undefined
}

interface IntakePageProps {
  search: IntakeSearch
  onSearch: (change: Partial<IntakeSearch>) => void
  /** Administrators map agents and make keys. */
  isAdmin: boolean
}

/** What dialers sent. What could not be taken waits here until its reason is mended. */
export function IntakePage({ search, onSearch, isAdmin }: IntakePageProps) {
  const page = search.page ?? 1
  const { data, error, isError, refetch } = useQuery({
    ...intakeQuery(search.status, page),
    placeholderData: keepPreviousData,
  })
  const pages = Math.max(1, Math.ceil((data?.count ?? 0) / intakePageSize))
  return (
    <Page
      title="Dialer"
      actions={
        <NativeSelect
          aria-label="Which messages"
          value={search.status ?? ''}
          onChange={(event) => onSearch({ status: event.currentTarget.value || undefined, page: undefined })}
          data={[
            { value: '', label: 'All messages' },
            { value: 'rejected', label: 'Waiting' },
            { value: 'taken', label: 'Taken' },
          ]}
        />
      }
    >
      <Panel title="Intake log">
        {isError && <Fault error={error} title="The log could not be read." onRetry={() => void refetch()} />}
        {data === undefined && !isError && <LoadingRows rows={5} height={48} label="The log" />}
        {data?.results.length === 0 && (
          <Empty>No message. Dialers post to /api/leads/from-dialer/ with their key.</Empty>
        )}
        <ul className={classes.entries}>
          {data?.results.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ul>
        {pages > 1 && (
          <Group component="nav" aria-label="Pages" justify="center">
            <Button variant="default" disabled={page <= 1} onClick={() => onSearch({ page: page - 1 })}>
              Newer
            </Button>
            <span className="numerals">
              Page {formatCount(page)} of {formatCount(pages)}
            </span>
            <Button variant="default" disabled={page >= pages} onClick={() => onSearch({ page: page + 1 })}>
              Older
            </Button>
          </Group>
        )}
      </Panel>
      {isAdmin && (
        <div className={classes.columns}>
          <MappingPanel />
          <DialerKeysPanel />
        </div>
      )}
    </Page>
  )
}

function Entry({ entry }: { entry: IntakeEntry }) {
  const client = useQueryClient()
  const [made, setMade] = useState<number | null>(entry.lead_id)
  const replay = useMutation({
    mutationFn: () => replayIntake(entry.id),
    onSuccess: ({ lead }) => {
      setMade(lead.id)
      void client.invalidateQueries({ queryKey: intakeKey })
    },
  })
  return (
    <li className={classes.entry}>
      <span className={classes.who}>
        <strong>{entry.name ?? entry.phone ?? 'Nobody named'}</strong>
        <span className={classes.quiet}>
          {entry.phone} · agent {entry.user ?? entry.dialer_user_id ?? 'not named'} ·{' '}
          <ClockTime iso={entry.received_at} />
        </span>
        {entry.error !== null && <span className={classes.error}>{entry.error}</span>}
        {entry.note !== null && <span className={classes.quiet}>{entry.note}</span>}
        {replay.isError && <Fault error={replay.error} title="It still could not be taken." />}
      </span>
      {made === null ? (
        <Button size="xs" loading={replay.isPending} onClick={() => replay.mutate()}>
          Try again
        </Button>
      ) : (
        <Link to="/leads/$leadId" params={{ leadId: String(made) }}>
          Lead {made}
        </Link>
      )}
    </li>
  )
}
