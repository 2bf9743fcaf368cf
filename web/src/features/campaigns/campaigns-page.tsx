import { useNavigate } from '@tanstack/react-router'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import { IconPlus, IconVolume } from '@tabler/icons-react'
import { formatCount } from '../../lib/number-format.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { FilterField } from '../../ui/filter-field.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LinkButton } from '../../ui/link-button.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import { CampaignHead, CampaignRow } from './campaign-row.tsx'
import { campaignsQuery, type CampaignPage } from './read-campaigns.ts'
import classes from './campaigns-page.module.css'

export interface CampaignsSearch {
  page?: number | undefined
  q?: string | undefined
}

interface CampaignsPageProps {
  search: CampaignsSearch
  onSearch: (change: Partial<CampaignsSearch>) => void
}

const rowHeight = 72

export function CampaignsPage({ search, onSearch }: CampaignsPageProps) {
  const navigate = useNavigate()
  const page = search.page ?? 1
  const { data, error, isError, refetch } = useQuery({
    ...campaignsQuery(page),
    placeholderData: keepPreviousData,
  })
  useShortcuts('Campaigns', [
    { keys: 'c', label: 'New campaign', run: () => void navigate({ to: '/campaigns/new' }) },
  ])

  return (
    <Page
      title="Campaigns"
      fills
      actions={
        <>
          {data?.pages === 1 && (
            <FilterField
              label="Filter by name"
              value={search.q ?? ''}
              onChange={(q) => onSearch({ q: q === '' ? undefined : q })}
            />
          )}
          <LinkButton to="/sounds" variant="default" leftSection={<IconVolume size={16} aria-hidden />}>
            Sounds
          </LinkButton>
          <LinkButton to="/campaigns/new" leftSection={<IconPlus size={16} aria-hidden />}>
            New campaign
          </LinkButton>
        </>
      }
    >
      {isError && (
        <Fault error={error} title="The campaigns could not be read." onRetry={() => void refetch()} />
      )}
      {!isError || data ? (
        <div className={classes.list}>
          {data === undefined ? (
            <LoadingRows rows={6} height={rowHeight} label="Campaigns" />
          ) : (
            <CampaignRows data={data} q={search.q ?? ''} />
          )}
        </div>
      ) : null}
      {data && data.pages > 1 && <Pages data={data} onPage={(next) => onSearch({ page: next })} />}
    </Page>
  )
}

function CampaignRows({ data, q }: { data: CampaignPage; q: string }) {
  const navigate = useNavigate()
  const wanted = q.toLowerCase()
  const shown = data.campaigns.filter((campaign) => campaign.name.toLowerCase().includes(wanted))

  if (data.total === 0) {
    return (
      <Empty
        action={
          <LinkButton to="/campaigns/new" search={{ sample: true }}>
            Rehearse a sample
          </LinkButton>
        }
      >
        No campaigns yet. A campaign is a list of people and what to tell them.
      </Empty>
    )
  }
  if (shown.length === 0) return <Empty>No campaign has “{q}” in its name.</Empty>
  const open = (index: number) => {
    const campaign = shown[index]
    if (campaign) void navigate({ to: '/campaigns/$campaignId', params: { campaignId: String(campaign.id) } })
  }
  return (
    <RowGrid
      label="Campaigns"
      count={shown.length}
      rowHeight={rowHeight}
      keyAt={(index) => String(shown[index]?.id ?? index)}
      head={<CampaignHead />}
      renderRow={(index) => {
        const campaign = shown[index]
        return campaign && <CampaignRow campaign={campaign} />
      }}
      onOpen={open}
    />
  )
}

function Pages({ data, onPage }: { data: CampaignPage; onPage: (page: number) => void }) {
  return (
    <Group component="nav" aria-label="Pages" justify="center" gap="sm">
      <Button variant="default" disabled={data.page <= 1} onClick={() => onPage(data.page - 1)}>
        Newer
      </Button>
      <span className="numerals">
        Page {formatCount(data.page)} of {formatCount(data.pages)}
      </span>
      <Button variant="default" disabled={data.page >= data.pages} onClick={() => onPage(data.page + 1)}>
        Older
      </Button>
    </Group>
  )
}
