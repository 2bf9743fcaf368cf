import { useNavigate } from '@tanstack/react-router'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Group, Tabs } from '@mantine/core'
import { productNow } from '../../lib/product-time.ts'
import { stages, type CallRequest, type Stage } from '../../lib/request-types.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LinkButton } from '../../ui/link-button.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import { BothClocks } from './both-clocks.tsx'
import { requestsPageSize, requestsQuery } from './read-requests.ts'
import { meOf, nameOf, otherOf, stageWords, stateSentence } from './request.ts'
import classes from './requests.module.css'

export interface RequestsSearch {
  stage?: Stage | undefined
  page?: number | undefined
}

interface RequestsPageProps {
  search: RequestsSearch
  onSearch: (change: RequestsSearch) => void
}

const rowHeight = 92

/** Requests for calls, by whose turn it is. */
export function RequestsPage({ search, onSearch }: RequestsPageProps) {
  const navigate = useNavigate()
  const stage = search.stage ?? 'needs_me'
  const page = search.page ?? 1
  const { data, error, isError, refetch } = useQuery({
    ...requestsQuery(stage, page),
    placeholderData: keepPreviousData,
  })
  useShortcuts('Requests', [
    { keys: 'c', label: 'Ask a hero for a call', run: () => void navigate({ to: '/heroes' }) },
    ...stages.map((one, index) => ({
      keys: String(index + 1),
      label: stageWords[one],
      run: () => onSearch({ stage: one, page: undefined }),
    })),
  ])
  const pages = Math.max(1, Math.ceil((data?.count ?? 0) / requestsPageSize))
  return (
    <Page title="Requests" fills actions={<LinkButton to="/heroes">Ask for a call</LinkButton>}>
      <Tabs
        value={stage}
        onChange={(value) => onSearch({ stage: stages.find((one) => one === value), page: undefined })}
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs}>
          {stages.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {stageWords[one]}
              {data && <span className={classes.count}> {data.counts[one]}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {isError && (
        <Fault error={error} title="The requests could not be read." onRetry={() => void refetch()} />
      )}
      {(!isError || data) && (
        <div className={classes.list}>
          {data === undefined ? (
            <LoadingRows rows={5} height={rowHeight} label="Requests" />
          ) : data.results.length === 0 ? (
            <NoRequests stage={stage} />
          ) : (
            <RowGrid
              label={`Requests: ${stageWords[stage]}`}
              count={data.results.length}
              rowHeight={rowHeight}
              keyAt={(index) => String(data.results[index]?.id ?? index)}
              renderRow={(index) => {
                const request = data.results[index]
                return request && <RequestRow request={request} />
              }}
              onOpen={(index) => {
                const id = data.results[index]?.id
                if (id !== undefined)
                  void navigate({ to: '/requests/$requestId', params: { requestId: String(id) } })
              }}
            />
          )}
        </div>
      )}
      {pages > 1 && (
        <Group component="nav" aria-label="Pages" justify="center" gap="sm">
          <Button variant="default" disabled={page <= 1} onClick={() => onSearch({ stage, page: page - 1 })}>
            Newer
          </Button>
          <span className="numerals">
            Page {page} of {pages}
          </span>
          <Button
            variant="default"
            disabled={page >= pages}
            onClick={() => onSearch({ stage, page: page + 1 })}
          >
            Older
          </Button>
        </Group>
      )}
    </Page>
  )
}

function RequestRow({ request }: { request: CallRequest }) {
  const other = otherOf(request)
  const who = request.side === null ? `${nameOf(other)} to ${nameOf(request.hero_person)}` : nameOf(other)
  return (
    <div role="gridcell" className={classes.row}>
      <span className={classes.line}>
        <strong className={classes.cut}>{who}</strong>
        <span className={classes.quiet}>
          {request.estimated_length} min · <ClockTime iso={request.updated} />
        </span>
      </span>
      <span className={classes.cut}>{request.message}</span>
      <span className={`${classes.cut} ${classes.quiet}`}>
        {request.stage === 'agreed' && request.agreed_time !== null ? (
          <BothClocks
            iso={request.agreed_time}
            mine={meOf(request).timezone}
            theirs={other.timezone}
            name={other.first_name || nameOf(other)}
            now={productNow()}
          />
        ) : (
          stateSentence(request)
        )}
      </span>
    </div>
  )
}

function NoRequests({ stage }: { stage: Stage }) {
  switch (stage) {
    case 'needs_me':
      return (
        <Empty action={<LinkButton to="/heroes">Ask a hero for a call</LinkButton>}>
          Nothing waits for your answer.
        </Empty>
      )
    case 'waiting':
      return <Empty>Nobody owes you an answer.</Empty>
    case 'agreed':
      return (
        <Empty>No agreed calls. When a time is agreed, both phones ring then, and both are joined.</Empty>
      )
    case 'closed':
      return <Empty>Nothing is closed yet: calls that took place, and those declined or cancelled.</Empty>
  }
}
