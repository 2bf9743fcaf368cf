/** The chores of append-only tables: partitions ahead of time, and rows whose time is over. */
import type { Sql } from './sql.ts'
import { codeOf } from './sql.ts'

const eventsKeptMs = 24 * 60 * 60 * 1000
const rowsPerStep = 10_000

/** What was learned about calls and texts, kept by months. */
const histories = ['call_events', 'text_events'] as const

/** Makes the partitions of this month and the next, in product time. Months that are in the default partition stay there. */
export async function makePartitions(sql: Sql, now: Date): Promise<void> {
  for (const ahead of [0, 1]) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1))
    for (const history of histories) await makePartition(sql, history, { from, to })
  }
}

async function makePartition(
  sql: Sql,
  history: (typeof histories)[number],
  { from, to }: { from: Date; to: Date },
): Promise<void> {
  const name = `${history}_${from.toISOString().slice(0, 7).replace('-', '_')}`
  try {
    await sql.unsafe(
      `create table if not exists ${name} partition of ${history}
         for values from ('${from.toISOString()}') to ('${to.toISOString()}')`,
    )
  } catch (error) {
    // Rows of that month are in the default partition already (the clock was moved): they are as good there.
    if (!['23514', '42P07', '42P17'].includes(codeOf(error))) throw error
  }
}

/** Deletes what open pages may no longer resume from. Returns how many rows went. */
export async function dropOldEvents(sql: Sql, now: Date): Promise<number> {
  const rows = await sql`
    delete from events
     where (workspace_id, position) in (
       select workspace_id, position from events
        where at < ${new Date(now.getTime() - eventsKeptMs)}
        order by at limit ${rowsPerStep})`
  return rows.count
}
