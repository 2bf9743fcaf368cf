import { useQuery } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { Announcer } from '../../ui/announcer.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import { PlanHead, PlanRow } from './plan-row.tsx'
import { QueuePage } from './queue-page.tsx'
import { todayQuery, type CallPlan } from './read-today.ts'
import classes from './today-page.module.css'

/** What the URL of the page says: whether one works through the plans, and at which. */
export interface TodaySearch {
  queue?: true | undefined
  plan?: number | undefined
}

interface TodayPageProps {
  search: TodaySearch
  onSearch: (next: TodaySearch) => void
}

/** Whom to call today, and those who should have been called before. */
export function TodayPage({ search, onSearch }: TodayPageProps) {
  const today = useQuery(todayQuery)
  if (search.queue === true && today.data !== undefined) {
    return (
      <QueuePage
        due={today.data}
        planId={search.plan}
        onPlan={(plan) => onSearch({ queue: true, plan })}
        onLeave={() => onSearch({})}
      />
    )
  }
  return <TodayList {...{ today, onSearch }} />
}

function TodayList({ today, onSearch }: Pick<TodayPageProps, 'onSearch'> & { today: TodayAnswer }) {
  const plans = today.data
  const start = (plan?: CallPlan) => onSearch({ queue: true, plan: plan?.id })
  const some = plans !== undefined && plans.length > 0
  useShortcuts('Today', some ? [{ keys: 'q', label: 'Work through the queue', run: () => start() }] : [])
  return (
    <Page
      title="Today"
      fills
      actions={
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          disabled={!some}
          aria-keyshortcuts="q"
          onClick={() => start()}
        >
          {some ? `Call ${plans.length === 1 ? 'one lead' : `${plans.length} leads`}` : 'Start the queue'}
        </Button>
      }
    >
      {today.isError && (
        <Fault
          error={today.error}
          title="The plans of today could not be read."
          onRetry={() => void today.refetch()}
        />
      )}
      <section className={classes.list} aria-label="Plans to call">
        {plans === undefined && !today.isError && <LoadingRows rows={8} height={60} label="Plans" />}
        {plans?.length === 0 && <Empty>Nobody is to be called today.</Empty>}
        {some && (
          <RowGrid
            label="Plans to call"
            count={plans.length}
            rowHeight={60}
            head={<PlanHead />}
            keyAt={(index) => String(plans[index]?.id)}
            renderRow={(index) => {
              const plan = plans[index]
              return plan && <PlanRow plan={plan} />
            }}
            onOpen={(index) => start(plans[index])}
          />
        )}
      </section>
      {plans && <Announcer text={`${plans.length} to call today`} />}
    </Page>
  )
}

type TodayAnswer = {
  data: CallPlan[] | undefined
  isError: boolean
  error: unknown
  refetch: () => unknown
}
