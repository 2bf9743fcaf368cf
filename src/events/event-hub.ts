import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { isConnectionFailure, type Sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import { seesAll, type Principal } from '../http/principal.ts'
import { eventText, heartbeatText, maySee, mostBufferedBytes, openingText, resumeAt } from './event-feed.ts'
import { eventsChannel } from './event-log.ts'
import { findHead, readEvents, type StoredEvent } from './event-store.ts'

/** One open stream. */
type Reader = {
  out: ServerResponse
  principal: Principal
  /** The last position it was told, or that was not for it. */
  position: number
  /** Who it is now; null closes the stream. */
  identify: () => Promise<Principal | null>
}

/** What the readers of one workspace share: one place in the order, one read per wake-up. */
type Feed = {
  workspaceId: number
  position: number
  readers: Set<Reader>
  reading: boolean
  woken: boolean
  /** Campaigns whose counts changed since they were last told; null when nothing changed. */
  changed: Set<number> | null
}

/** The counts of a workspace and of some of its campaigns, as `totals.changed` tells them. */
export type Snapshot = (workspaceId: number, campaignIds: readonly number[]) => Promise<object>

export type EventHub = {
  start(): Promise<void>
  /** Closes every stream. */
  stop(): Promise<void>
  /** Serves events to `out`, whose head was written, until either side closes. Null = from now on. */
  serve(
    reader: { out: ServerResponse; principal: Principal; identify: Reader['identify'] },
    lastId: number | null,
  ): Promise<void>
}

const pageSize = 500
const totalsEveryMs = 250
const totalsOfCampaigns = 100
const heartbeatMs = 15_000
/** With the two seconds an identity is remembered, a revoked reader is gone within five. */
const identityMs = 2_000
/** A notice can be lost while its connection is replaced. */
const lookAgainMs = 2_000

/**
 * Streams the events of workspaces. However many readers there are, a process holds one listening connection and reads
 * each event once per workspace.
 */
export function createEventHub(deps: { sql: Sql; clock: Clock; log: Log; snapshot: Snapshot }): EventHub {
  const { sql, clock, log, snapshot } = deps
  const feeds = new Map<number, Feed>()
  const open = new Set<Reader>()
  const timers: NodeJS.Timeout[] = []
  let unlisten: (() => Promise<void>) | null = null

  /** Reads on from the feed's place and tells its readers. Woken while it reads, it looks once more. */
  async function pump(feed: Feed): Promise<void> {
    feed.woken = true
    if (feed.reading) return
    feed.reading = true
    try {
      while (feed.woken) {
        feed.woken = false
        for (let more = true; more && feed.readers.size > 0;) {
          const events = await readEvents(sql, {
            workspaceId: feed.workspaceId,
            after: feed.position,
            limit: pageSize,
          })
          for (const event of events) tellAll(feed, event)
          noteChanges(feed, events)
          more = events.length === pageSize
        }
      }
    } catch (error) {
      if (!isConnectionFailure(error))
        log.error({ err: error, workspaceId: feed.workspaceId }, 'events were not read')
    } finally {
      feed.reading = false
    }
  }

  /** Counts are told as they are now, a few times a second at most: they need no place in the order. */
  function noteChanges(feed: Feed, events: readonly StoredEvent[]): void {
    const campaigns = events.flatMap((event) => campaignsOf(event.data))
    if (events.length === 0) return
    if (feed.changed) return campaigns.forEach((id) => feed.changed?.add(id))
    feed.changed = new Set(campaigns)
    setTimeout(() => void tellTotals(feed), totalsEveryMs).unref()
  }

  async function tellTotals(feed: Feed): Promise<void> {
    const campaigns = [...(feed.changed ?? [])].slice(0, totalsOfCampaigns)
    feed.changed = null
    if (feed.readers.size === 0) return
    try {
      const text = `event: totals.changed\ndata: ${JSON.stringify(await snapshot(feed.workspaceId, campaigns))}\n\n`
      for (const reader of feed.readers) if (seesAll(reader.principal)) reader.out.write(text)
    } catch (error) {
      if (!isConnectionFailure(error)) log.error({ err: error }, 'totals were not read')
    }
  }

  async function feedOf(workspaceId: number): Promise<Feed> {
    const known = feeds.get(workspaceId)
    if (known) return known
    const position = await findHead(sql, workspaceId)
    const feed = feeds.get(workspaceId) ?? {
      workspaceId,
      position,
      readers: new Set(),
      reading: false,
      woken: false,
      changed: null,
    }
    feeds.set(workspaceId, feed)
    return feed
  }

  /** Tells the reader what happened until it has the feed's place, and joins it there: nothing lost, nothing twice. */
  async function catchUp(reader: Reader, lastId: number | null): Promise<void> {
    const { workspaceId } = reader.principal
    const head = await findHead(sql, workspaceId)
    const [first] = lastId === null ? [] : await readEvents(sql, { workspaceId, after: lastId, limit: 1 })
    const start =
      lastId === null ? { resumable: true, position: head } : resumeAt(lastId, { head, first }, clock.now())
    reader.position = start.position
    reader.out.write(openingText(start.resumable ? 'ready' : 'reset', start.position))

    for (;;) {
      const feed = await feedOf(workspaceId)
      // The last of its readers may have left meanwhile, and the feed with it.
      if (feeds.get(workspaceId) !== feed) continue
      // No await between here and joining: the feed cannot move on in between.
      if (reader.position >= feed.position) {
        feed.readers.add(reader)
        void pump(feed)
        return
      }
      for (const event of await readEvents(sql, { workspaceId, after: reader.position, limit: pageSize })) {
        if (event.position > feed.position) break
        tell(reader, event, eventText(event))
      }
      if (!(await drained(reader.out))) return
    }
  }

  function leave(reader: Reader): void {
    open.delete(reader)
    const feed = feeds.get(reader.principal.workspaceId)
    feed?.readers.delete(reader)
    if (feed?.readers.size === 0) feeds.delete(feed.workspaceId)
  }

  function wake(payload: string): void {
    const feed = feeds.get(Number(payload))
    if (feed) void pump(feed)
  }

  function wakeAll(): void {
    for (const feed of feeds.values()) void pump(feed)
  }

  return {
    async start() {
      const listening = await sql.listen(eventsChannel, wake, wakeAll)
      unlisten = listening.unlisten
      timers.push(
        setInterval(wakeAll, lookAgainMs),
        setInterval(() => open.forEach(beat), heartbeatMs),
        setInterval(() => open.forEach((reader) => void checkIdentity(reader)), identityMs),
      )
      for (const timer of timers) timer.unref()
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer)
      for (const reader of open) reader.out.end()
      await unlisten?.().catch(() => {})
      unlisten = null
    },
    async serve({ out, principal, identify }, lastId) {
      const reader: Reader = { out, principal, position: 0, identify }
      open.add(reader)
      out.on('close', () => leave(reader))
      try {
        await catchUp(reader, lastId)
      } catch (error) {
        if (!isConnectionFailure(error)) log.error({ err: error }, 'an event stream failed')
        out.end()
      }
      // It may have closed before it joined.
      if (out.destroyed) leave(reader)
    },
  }
}

function tellAll(feed: Feed, event: StoredEvent): void {
  const text = eventText(event)
  for (const reader of feed.readers) {
    tell(reader, event, text)
    if (reader.out.writableLength > mostBufferedBytes) reader.out.destroy()
  }
  feed.position = event.position
}

function tell(reader: Reader, event: StoredEvent, text: string): void {
  if (event.position <= reader.position) return
  reader.position = event.position
  if (maySee(reader.principal, event)) reader.out.write(text)
}

function beat(reader: Reader): void {
  reader.out.write(heartbeatText(reader.position))
}

/** Closes the stream of a person who may no longer read it, and follows a changed role. */
async function checkIdentity(reader: Reader): Promise<void> {
  try {
    const principal = await reader.identify()
    if (principal === null || principal.workspaceId !== reader.principal.workspaceId) reader.out.end()
    else reader.principal = principal
  } catch {
    // The database is away. It cannot tell anything either, and the next look comes in two seconds.
  }
}

/** Waits for a reader that is slower than the database. False when it is gone. */
async function drained(out: ServerResponse): Promise<boolean> {
  if (out.destroyed || out.writableEnded) return false
  if (!out.writableNeedDrain) return true
  return new Promise((resolve) => {
    const done = () => {
      out.off('drain', done)
      out.off('close', done)
      resolve(!out.destroyed)
    }
    out.once('drain', done)
    out.once('close', done)
  })
}

/** The campaigns that an event speaks of, by the members every kind uses for it. */
function campaignsOf(data: unknown): number[] {
  if (typeof data !== 'object' || data === null) return []
  const one = 'campaign_id' in data && typeof data.campaign_id === 'number' ? [data.campaign_id] : []
  const many = 'campaigns' in data && Array.isArray(data.campaigns) ? data.campaigns : []
  return [...one, ...many.filter((id) => typeof id === 'number')]
}
