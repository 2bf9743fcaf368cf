import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useLiveState } from '../../lib/live-state.ts'
import { Announcer } from '../../ui/announcer.tsx'
import { Fault } from '../../ui/fault.tsx'
import { useFocusBack } from '../../ui/focus-back.ts'
import { FilterField } from '../../ui/filter-field.tsx'
import { useShortcuts } from '../../ui/keyboard.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { buckets, byTalkTime, type Board, type Bucket, type Call } from './board.ts'
import { LaneHead, LaneTabs } from './lane-head.tsx'
import { Lane } from './lane.tsx'
import { boardQuery } from './read-board.ts'
import { usePaging } from './use-paging.ts'
import classes from './board-page.module.css'

const CallDrawer = lazy(async () => ({ default: (await import('./call-drawer.tsx')).CallDrawer }))

/** What the URL of the board says. */
export interface BoardSearch {
  campaign?: number | undefined
  q?: string | undefined
  call?: string | undefined
  lane?: Bucket | undefined
}

interface BoardPageProps {
  search: BoardSearch
  onSearch: (change: Partial<BoardSearch>) => void
  /** Chooses the campaign; made by the campaigns feature and put here by the application. */
  campaignPicker: ReactNode
  /** What to do when there is no call at all. */
  start: ReactNode
}

export function BoardPage({ search, onSearch, campaignPicker, start }: BoardPageProps) {
  const filter = { campaign: search.campaign, q: search.q }
  const filtered = filter.campaign !== undefined || filter.q !== undefined
  const board = useQuery(boardQuery(filter))
  const stale = useLiveState().phase === 'offline'
  const narrow = useMediaQuery('(max-width: 639px)', undefined, { getInitialValueInEffect: false })
  const [paused, setPaused] = useState(false)
  const lane = search.lane ?? 'active'
  // The drawer still shows its call while it closes.
  const [drawn, setDrawn] = useState(search.call)
  if (search.call !== undefined && search.call !== drawn) setDrawn(search.call)
  const giveFocusBack = useFocusBack(search.call !== undefined)

  useShortcuts('Live board', [
    { keys: ' ', label: 'Pause or resume the lists', run: () => setPaused(!paused) },
    ...buckets.map((bucket, index) => ({
      keys: String(index + 1),
      label: `Go to ${bucket} calls`,
      run: () => (narrow ? onSearch({ lane: bucket }) : focusLane(bucket)),
    })),
  ])

  const data = board.data
  return (
    <Page
      title="Live board"
      fills
      actions={
        <>
          {campaignPicker}
          <FilterField
            label="Filter by number or name"
            value={search.q ?? ''}
            onChange={(q) => onSearch({ q: q === '' ? undefined : q })}
          />
          <Button
            variant="default"
            className={classes.pause}
            leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            aria-pressed={paused}
            onClick={() => setPaused(!paused)}
          >
            <span className={classes.pauseWord}>{paused ? 'Resume' : 'Pause'}</span>
          </Button>
        </>
      }
    >
      {board.isError && (
        <Fault
          error={board.error}
          title="The board could not be read."
          onRetry={() => void board.refetch()}
        />
      )}
      {narrow && (
        <LaneTabs summary={data?.summary} chosen={lane} onChoose={(bucket) => onSearch({ lane: bucket })} />
      )}
      {data && !filtered && isEmpty(data) ? (
        <div className={classes.nothing}>{start}</div>
      ) : (
        <div className={classes.lanes} data-stale={stale || undefined}>
          {(narrow ? [lane] : buckets).map((bucket) => (
            <section key={bucket} className={classes.lane} data-lane={bucket}>
              {!narrow && <LaneHead bucket={bucket} count={data?.summary[bucket]} />}
              {data ? (
                <PagedLane
                  {...{ bucket, board: data, filter, filtered, paused }}
                  onOpen={(call) => onSearch({ call: call.call_id })}
                />
              ) : (
                !board.isError && <LoadingRows rows={8} height={56} label={`${bucket} calls`} />
              )}
            </section>
          ))}
        </div>
      )}
      {data && <Announcer text={countsInWords(data)} />}
      <Suspense>
        {drawn !== undefined && (
          <CallDrawer
            opened={search.call !== undefined}
            callId={drawn}
            onClose={() => onSearch({ call: undefined })}
            onClosed={giveFocusBack}
          />
        )}
      </Suspense>
    </Page>
  )
}

function PagedLane(props: {
  bucket: Bucket
  board: Board
  filter: { campaign?: number | undefined; q?: string | undefined }
  filtered: boolean
  paused: boolean
  onOpen: (call: Call) => void
}) {
  const { bucket, board, filter } = props
  const paging = usePaging(filter, bucket)
  const lane = board.lanes[bucket]
  // With all of them here, those who talk longest come first; a part would put the wrong ones on top.
  const calls = bucket === 'active' && lane.next === null ? [...lane.calls].sort(byTalkTime) : lane.calls
  return (
    <Lane
      bucket={bucket}
      board={board}
      calls={calls}
      paused={props.paused}
      filtered={props.filtered}
      paging={paging}
      onOpen={props.onOpen}
    />
  )
}

function isEmpty(board: Board): boolean {
  return buckets.every((bucket) => board.summary[bucket] === 0 && board.lanes[bucket].calls.length === 0)
}

function countsInWords(board: Board): string {
  return buckets.map((bucket) => `${board.summary[bucket]} ${bucket}`).join(', ')
}

function focusLane(bucket: Bucket): void {
  document.querySelector<HTMLElement>(`[data-lane="${bucket}"] [data-rows]`)?.focus()
}
