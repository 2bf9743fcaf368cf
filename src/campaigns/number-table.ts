/** The numbers of a campaign as a table, with what became of each. */
import type { Queryable } from '../db/sql.ts'
import type { Cell, Table } from '../http/table-file.ts'
import { digitsAsInteger } from './campaign-wire.ts'
import { numberStatuses, shownStatus, statusWord, type NumberStatus, type Run } from './campaign.ts'
import type { Campaign } from './campaign-store.ts'
import { idRange, listNumbersAfter, type CampaignNumber } from './number-store.ts'

const columns = `id number e164 status reason attempts duration playback credit_consumed run_id`.split(' ')
const rowsPerQuery = 2_000

export type Wanted = {
  /** The newest run, which says what fresh numbers are. */
  newest: Run | null
  statuses?: readonly NumberStatus[]
  /** Only what that run took up. */
  runId?: number | null
}

/** In the order of the list, read in pieces: no connection is held while somebody takes it. */
export function numberTable(sql: Queryable, campaign: Campaign, wanted: Wanted): Table {
  return {
    name: `campaign-${campaign.id}-numbers`,
    columns: [...columns, ...campaign.usableTags],
    rows: rowsOf(sql, campaign, wanted),
  }
}

async function* rowsOf(
  sql: Queryable,
  campaign: Campaign,
  { newest, statuses = numberStatuses, runId = null }: Wanted,
): AsyncGenerator<Cell[][]> {
  const range = (await idRange(sql, campaign)) ?? { first: 1, last: 0 }
  for (let after = range.first - 1; after < range.last;) {
    const query = { statuses, runId, after, until: range.last, limit: rowsPerQuery }
    const numbers = await listNumbersAfter(sql, campaign, query)
    const last = numbers.at(-1)
    if (last === undefined) return
    yield numbers.map((number) => cellsOf(number, campaign.usableTags, newest))
    after = last.id
  }
}

/** A number that could not be read stands as it was given. */
function cellsOf(number: CampaignNumber, tags: readonly string[], run: Run | null): Cell[] {
  return [
    number.id,
    digitsAsInteger(number.digits) ?? number.given,
    number.e164,
    statusWord(shownStatus(number, run)),
    number.reason,
    number.attempts,
    number.duration,
    number.playback,
    number.creditConsumed,
    number.runId,
    ...tags.map((tag) => number.tags[tag] ?? null),
  ]
}
