import { useCallback, useState } from 'react'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { formatCount } from '../../lib/number-format.ts'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Panel } from '../../ui/page.tsx'
import { RowGrid } from '../../ui/row-grid.tsx'
import type { Campaign } from './campaign.ts'
import { NumberHead, NumberRow } from './number-row.tsx'
import { numbersPageSize, numbersQuery } from './read-numbers.ts'
import classes from './numbers-panel.module.css'

const rowHeight = 48
/** Browsers cannot scroll further than about 17 million pixels. */
const rowLimit = 350_000

/** The people of a campaign. Pages are read as they are scrolled into view, whatever the length of the list. */
export function NumbersPanel({ campaign }: { campaign: Campaign }) {
  const [range, setRange] = useState({ first: 0, last: 0 })
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  const firstPage = Math.floor(range.first / numbersPageSize)
  const lastPage = Math.max(firstPage, Math.floor(range.last / numbersPageSize))
  const indexes = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index)
  const pages = useQueries({
    queries: indexes.map((index) => ({
      ...numbersQuery(campaign.id, index + 1),
      placeholderData: keepPreviousData,
    })),
  })
  const loaded = pages.find((page) => page.data !== undefined)?.data
  const failed = pages.find((page) => page.isError)
  const total = Math.min(rowLimit, loaded?.total ?? 0)

  return (
    <Panel title="Numbers">
      {total > 0 && (
        <p className={classes.links}>
          <a href={`/api/system/campaigns/${campaign.id}/export/?format=xlsx`} download>
            Export as a workbook
          </a>
          <a href={`/api/system/campaigns/${campaign.id}/export/?format=csv`} download>
            as CSV
          </a>
        </p>
      )}
      {failed && (
        <Fault
          error={failed.error}
          title="The numbers could not be read."
          onRetry={() => void failed.refetch()}
        />
      )}
      <div className={classes.list}>
        {loaded === undefined && !failed && <LoadingRows rows={6} height={rowHeight} label="Numbers" />}
        {loaded !== undefined && total === 0 && <Empty>This campaign has no numbers yet.</Empty>}
        {total > 0 && (
          <RowGrid
            label="Numbers of this campaign"
            count={total}
            rowHeight={rowHeight}
            keyAt={String}
            head={<NumberHead tags={campaign.usableTags} />}
            onRange={onRange}
            renderRow={(index) => {
              const page = pages[Math.floor(index / numbersPageSize) - firstPage]
              const number = page?.data?.numbers[index % numbersPageSize]
              return (
                <NumberRow number={page?.isPlaceholderData ? undefined : number} tags={campaign.usableTags} />
              )
            }}
          />
        )}
      </div>
      {(loaded?.total ?? 0) > rowLimit && (
        <p className={classes.note}>Only the newest {formatCount(rowLimit)} are shown.</p>
      )}
    </Panel>
  )
}
