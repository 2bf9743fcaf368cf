import { useCallback, useState } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { Button, NativeSelect } from '@mantine/core'
import type { Facet, Lead, LeadQuery } from '../../lib/lead-types.ts'
import { formatCount } from '../../lib/number-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { FilterField } from '../../ui/filter-field.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import { LeadBadge } from './lead-badge.tsx'
import { nameOf, wordsOf } from './lead.ts'
import { facetsQuery, leadsPageSize, leadsQuery } from './read-leads.ts'
import classes from './leads.module.css'

export interface LeadsSearch {
  q?: string | undefined
  status?: string | undefined
  agent?: string | undefined
  campaign?: string | undefined
}

interface LeadsPageProps {
  search: LeadsSearch
  onSearch: (change: Partial<LeadsSearch>) => void
  /** Managers may take the list with them. */
  mayExport: boolean
}

const rowHeight = 56
/** Browsers cannot scroll further than about 17 million pixels. */
const rowLimit = 300_000

/** Everybody the workspace deals with. Pages are read as they come into view, whatever the length of the list. */
export function LeadsPage({ search, onSearch, mayExport }: LeadsPageProps) {
  const filter = filterOf(search)
  const facets = useQuery({ ...facetsQuery(filter), placeholderData: keepPreviousData }).data
  const choose = (name: 'status' | 'agent' | 'campaign') => (value: string) =>
    onSearch({ [name]: value === '' ? undefined : value })
  return (
    <Page
      title="Leads"
      fills
      actions={
        <>
          <FilterField
            label="Name or number"
            value={search.q ?? ''}
            onChange={(q) => onSearch({ q: q === '' ? undefined : q })}
          />
          <Choice label="Status" value={search.status} facets={facets?.status} onChange={choose('status')} />
          <Choice label="Agent" value={search.agent} facets={facets?.agent} onChange={choose('agent')} />
          <Choice
            label="Campaign"
            value={search.campaign}
            facets={facets?.campaign}
            onChange={choose('campaign')}
          />
          {mayExport && (
            <Button component="a" variant="default" href={exportUrl(filter)}>
              Export
            </Button>
          )}
        </>
      }
    >
      <LeadRows filter={filter} />
    </Page>
  )
}

function LeadRows({ filter }: { filter: LeadQuery }) {
  const navigate = useNavigate()
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const firstPage = Math.floor(range.first / leadsPageSize)
  const lastPage = Math.max(firstPage, Math.floor(range.last / leadsPageSize))
  const indexes = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index)
  const pages = useQueries({
    queries: indexes.map((index) => ({
      ...leadsQuery(filter, index + 1),
      placeholderData: keepPreviousData,
    })),
  })
  const loaded = pages.find((page) => page.data !== undefined)?.data
  const failed = pages.find((page) => page.isError)
  const total = Math.min(rowLimit, loaded?.count ?? 0)
  const leadAt = (index: number): Lead | undefined => {
    const page = pages[Math.floor(index / leadsPageSize) - firstPage]
    return page?.isPlaceholderData ? undefined : page?.data?.results[index % leadsPageSize]
  }
  if (failed && loaded === undefined) {
    return (
      <Fault
        error={failed.error}
        title="The leads could not be read."
        onRetry={() => void failed.refetch()}
      />
    )
  }
  return (
    <div className={classes.list}>
      {loaded === undefined && <LoadingRows rows={8} height={rowHeight} label="Leads" />}
      {loaded !== undefined && total === 0 && <NoLeads filtered={Object.keys(filter).length > 0} />}
      {total > 0 && (
        <RowGrid
          label="Leads"
          count={total}
          rowHeight={rowHeight}
          keyAt={(index) => String(leadAt(index)?.id ?? `row ${index}`)}
          onRange={onRange}
          renderRow={(index) => <LeadRow lead={leadAt(index)} />}
          onOpen={(index) => {
            const lead = leadAt(index)
            if (lead) void navigate({ to: '/leads/$leadId', params: { leadId: String(lead.id) } })
          }}
        />
      )}
    </div>
  )
}

function LeadRow({ lead }: { lead: Lead | undefined }) {
  if (lead === undefined) return <div role="gridcell" className={classes.row} aria-label="Loading" />
  return (
    <div role="gridcell" className={classes.row}>
      <span className={classes.cell}>
        <strong>{nameOf(lead)}</strong>
        {lead.company_name && lead.full_name ? (
          <span className={classes.quiet}> · {lead.company_name}</span>
        ) : null}
      </span>
      <span className={`${classes.cell} numerals`}>{lead.phone_e164 ?? lead.phone ?? 'No number'}</span>
      <span className={classes.cell}>
        <LeadBadge status={lead.status} blocked={lead.do_not_call} />
      </span>
      <span className={`${classes.cell} ${classes.quiet} ${classes.wide}`}>
        {lead.assigned_agent_name ?? 'Nobody'}
      </span>
      <span className={`${classes.cell} ${classes.quiet} ${classes.wide}`}>
        <ClockTime iso={lead.updated_at} />
      </span>
    </div>
  )
}

function NoLeads({ filtered }: { filtered: boolean }) {
  if (filtered)
    return <Empty>No lead matches. A number is found in any form, a name by any part of it.</Empty>
  return (
    <Empty>
      No leads yet. They appear when a dialer posts to /api/leads/from-dialer/, or when you add one.
    </Empty>
  )
}

interface ChoiceProps {
  label: string
  value: string | undefined
  facets: readonly Facet[] | undefined
  onChange: (value: string) => void
}

/** One way to narrow the list, with how many each would leave. */
function Choice({ label, value, facets = [], onChange }: ChoiceProps) {
  const options = facets.map((facet) => ({
    value: facet.value ?? 'none',
    label: `${label === 'Status' ? wordsOf(facet.value ?? '') : (facet.name ?? facet.value ?? 'Nobody')} (${formatCount(facet.count)})`,
  }))
  const isListed = value === undefined || options.some((option) => option.value === value)
  return (
    <NativeSelect
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: `${label}: all` },
        ...(isListed ? [] : [{ value, label: `${value} (0)` }]),
        ...options,
      ]}
    />
  )
}

function filterOf({ q, status, agent, campaign }: LeadsSearch): LeadQuery {
  return {
    ...(q === undefined ? {} : { search: q }),
    ...(status === undefined ? {} : { status }),
    ...(agent === undefined ? {} : { agent }),
    ...(campaign === undefined ? {} : { campaign }),
  }
}

function exportUrl(filter: LeadQuery): string {
  return `/api/leads/export/?${new URLSearchParams(filter as Record<string, string>).toString()}`
}
