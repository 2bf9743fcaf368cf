/**
 * Writes reports about texts: the one path by which they change after their intent. Texts are locked in one order, folded
 * through the state machine, and texts, history, what follows from them, counts and events are committed together.
 */
import type { Log } from '../log.ts'
import type { Sql, Tx } from '../db/sql.ts'
import { createGroupCommit, type GroupCommit } from '../db/group-commit.ts'
import { closeBatch, type WorkspaceBatch } from '../events/event-log.ts'
import type { Text, TextState } from './text.ts'
import { advanceText, type TextReport } from './text-report.ts'
import * as store from './text-store.ts'
import { tellTexts, type TextMove } from './text-telling.ts'

/** What follows from moved texts in the same transaction (the numbers of a campaign), and what it adds to the batch's end. */
export type TextFollower = (tx: Tx, moves: readonly TextMove[], now: Date) => Promise<WorkspaceBatch[]>

/** What became of a report. `unknown_text`: there is no such text; nothing was stored. */
export type TextWritten = 'changed' | 'known' | 'unknown_text'

export type TextWriter = GroupCommit<TextReport, TextWritten>

type Deps = {
  sql: Sql
  log: Log
  carrierAccountId: number
  /** How long a text in this state may be silent before the carrier is asked about it. */
  silenceMs: (state: TextState) => number
  followers: readonly TextFollower[]
}

export function createTextWriter(deps: Deps): TextWriter {
  return createGroupCommit<TextReport, TextWritten>({
    sql: deps.sql,
    log: deps.log,
    writeBatch: (tx, reports) => writeBatch(tx, reports, deps),
    about: ({ textId }) => ({ textId }),
  })
}

async function writeBatch(tx: Tx, reports: readonly TextReport[], deps: Deps): Promise<TextWritten[]> {
  const keys = new Map(reports.map((report) => [report.textId, report]))
  const [locked, bound] = await Promise.all([
    store.lockTexts(tx, [...keys.values()]),
    store.boundTextSids(tx, deps.carrierAccountId, [...new Set(reports.flatMap(sidOf))]),
  ])
  const texts = new Map(locked.map((text) => [text.id, text]))
  const entries: store.TextEntry[] = []
  const written = reports.map((given): TextWritten => {
    const text = texts.get(given.textId)
    if (text === undefined || text.workspaceId !== given.workspaceId) return 'unknown_text'
    const report = withoutForeignSid(given, text, bound, deps.log)
    const result = advanceText(text, report)
    texts.set(text.id, result.text)
    const { workspaceId, textId, at, source } = report
    if (result.entry)
      entries.push({ workspaceId, textId, sequence: result.text.entries, at, source, ...result.entry })
    if (result.stray)
      deps.log.error({ textId, sid: result.stray, state: text.state }, 'the carrier sent a text twice')
    return result.changed ? 'changed' : 'known'
  })
  const changes = locked.flatMap((before) => {
    const after = texts.get(before.id)
    return after === undefined || after === before ? [] : [{ before, after }]
  })
  if (changes.length === 0) return written
  await Promise.all([
    store.saveTexts(
      tx,
      changes.map(({ before, after }) => ({
        before: before.state,
        text: after,
        lookAfterMs: deps.silenceMs(after.state),
      })),
    ),
    store.appendTextEntries(tx, entries),
  ])
  const moved = changes.filter(({ before, after }) => before.state !== after.state)
  const now = reports[reports.length - 1]?.at
  if (moved.length === 0 || now === undefined) return written
  const consequences = tellTexts(moved)
  for (const follow of deps.followers) consequences.push(...(await follow(tx, moved, now)))
  await closeBatch(tx, { now, workspaces: consequences })
  return written
}

/**
 * A carrier id that already belongs to another text is never bound a second time: as the answer to a request it is no
 * clear answer, from anywhere else it is not about this text.
 */
function withoutForeignSid(report: TextReport, text: Text, bound: Map<string, string>, log: Log): TextReport {
  const [sid] = sidOf(report)
  const owner = sid === undefined ? undefined : bound.get(sid)
  if (owner === undefined || owner === text.id) {
    if (sid !== undefined) bound.set(sid, text.id)
    return report
  }
  log.error({ textId: text.id, sid, boundTo: owner }, 'the carrier named an id that belongs to another text')
  const reason = 'sid_of_another_text'
  if (report.source === 'answer') return { ...report, news: { kind: 'unclear', reason } }
  return { ...report, news: { kind: 'foreign', reason } }
}

function sidOf({ news }: TextReport): string[] {
  return news.kind === 'progress' ? [news.sid] : []
}
