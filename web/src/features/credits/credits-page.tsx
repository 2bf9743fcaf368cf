import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import type { CreditEntry, Credits } from '../../lib/number-types.ts'
import { formatCount, formatShare, plural } from '../../lib/number-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { PriceTable } from './price-table.tsx'
import { creditsQuery } from './read-credits.ts'
import classes from './credits.module.css'

/** What the workspace has used, what is on hold, and the ledger that says for what. */
export function CreditsPage() {
  const query = useInfiniteQuery(creditsQuery)
  const [newest] = query.data?.pages ?? []
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? []
  return (
    <Page title="Credits">
      {query.isError && newest === undefined && (
        <Fault
          error={query.error}
          title="The credits could not be read."
          onRetry={() => void query.refetch()}
        />
      )}
      {newest && <Balance credits={newest} />}
      <div className={classes.columns}>
        <Panel title="Ledger">
          {newest === undefined && !query.isError && <LoadingRows rows={6} height={48} label="The ledger" />}
          {newest !== undefined && entries.length === 0 && (
            <Empty>
              Nothing was used yet. Calls, texts, codes and numbers appear here as they are charged.
            </Empty>
          )}
          <ul className={classes.list}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </ul>
          {query.hasNextPage && (
            <Button
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              Older entries
            </Button>
          )}
        </Panel>
        {newest && <PriceTable prices={newest.prices} />}
      </div>
    </Page>
  )
}

function Balance({ credits }: { credits: Credits }) {
  const { limit, used, on_hold: held, available } = credits
  return (
    <dl className={classes.tiles}>
      <Tile word="Used" value={formatCount(used)} />
      <Tile word="On hold" value={formatCount(held)} note="for what is not over" />
      <Tile
        word="Left"
        value={available === null ? 'No limit' : formatCount(available)}
        note={
          limit === null ? 'credit_limit in the settings sets one' : `of a limit of ${formatCount(limit)}`
        }
      />
      {limit !== null && limit > 0 && (
        <div
          className={classes.bar}
          role="img"
          aria-label={`${formatShare(used + held, limit)} of the limit is used or on hold`}
        >
          <span style={{ width: `${Math.min(100, (100 * used) / limit)}%` }} />
          <span data-held style={{ width: `${Math.min(100, (100 * held) / limit)}%` }} />
        </div>
      )}
    </dl>
  )
}

function Tile({ word, value, note }: { word: string; value: string; note?: string }) {
  return (
    <div className={classes.tile}>
      <dt>{word}</dt>
      <dd>
        <span className={classes.value}>{value}</span>
        {note !== undefined && <span className={classes.quiet}>{note}</span>}
      </dd>
    </div>
  )
}

const kinds: Record<string, (subject: string) => string> = {
  run: (id) => `Run ${id} of a campaign`,
  call: () => 'Call',
  text: () => 'Text',
  number: (number) => `Number ${number}`,
}

function Entry({ entry }: { entry: CreditEntry }) {
  const { kind, subject, items, used, on_hold: held } = entry
  const name = kinds[kind]?.(subject) ?? `${kind} ${subject}`
  return (
    <li className={classes.entry}>
      <span className={classes.what}>
        {name}
        {items > 1 && <span className={classes.quiet}> · {plural(items, 'item')}</span>}
      </span>
      <StateMark state={entry.entry} />
      <span className={classes.amount}>
        {used > 0 && <span>{formatCount(used)} used</span>}
        {held !== 0 && (
          <span className={classes.quiet}>
            {held > 0 ? '+' : '−'}
            {formatCount(Math.abs(held))} on hold
          </span>
        )}
      </span>
      <span className={classes.when}>
        <ClockTime iso={entry.at} />
      </span>
    </li>
  )
}
