import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { isConnectionFailure, type Sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import { seesAll, type Principal } from '../http/principal.ts'
import {
  eventText,
  heartbeatText,
  maySee,
  mostBufferedBytes,
  openingText,
  resumeAt,
  type Start,
} from './event-feed.ts'
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

/** What one process knows about its streams. */
type Hub = HubDeps & { feeds: Map<number, Feed>; open: Set<Reader> }
type HubDeps = { sql: Sql; clock: Clock; log: Log; snapshot: Snapshot }

/**
 * Streams the events of workspaces. However many readers there are, a process holds one listening connection and reads
 * each event once per workspace.
 */
export function createEventHub(deps: HubDeps): EventHub {
  const hub: Hub = { ...deps, feeds: new Map(), open: new Set() }
  const timers: NodeJS.Timeout[] = []
  let unlisten: (() => Promise<void>) | null = null

  function wake(payload: string): void {
    const feed = hub.feeds.get(Number(payload))
    if (feed) void pump(hub, feed)
  }
  function wakeAll(): void {
    for (const feed of hub.feeds.values()) void pump(hub, feed)
  }

  return {
    async start() {
      const listening = await hub.sql.listen(eventsChannel, wake, wakeAll)
      unlisten = listening.unlisten
      timers.push(
        setInterval(wakeAll, lookAgainMs),
        setInterval(() => hub.open.forEach(beat), heartbeatMs),
        setInterval(() => hub.open.forEach((reader) => void checkIdentity(reader)), identityMs),
      )
      for (const timer of timers) timer.unref()
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer)
      for (const reader of hub.open) reader.out.end()
      await unlisten?.().catch(() => {})
      unlisten = null
    },
    async serve({ out, principal, identify }, lastId) {
      const reader: Reader = { out, principal, position: 0, identify }
      hub.open.add(reader)
      out.on('close', () => leave(hub, reader))
      try {
        await catchUp(hub, reader, lastId)
      } catch (error) {
        if (!isConnectionFailure(error)) hub.log.error({ err: error }, 'an event stream failed')
        out.end()
      }
      // It may have closed before it joined.
      if (out.destroyed) leave(hub, reader)
    },
  }
}

/** Tells the reader what happened until it has the feed's place, and joins it there: nothing lost, nothing twice. */
async function catchUp(hub: Hub, reader: Reader, lastId: number | null): Promise<void> {
  const { workspaceId } = reader.principal
  const start = await findStart(hub, workspaceId, lastId)
  reader.position = start.position
  reader.out.write(openingText(start.resumable ? 'ready' : 'reset', start.position))

  for (;;) {
    const feed = await feedOf(hub, workspaceId)
    // The last of its readers may have left meanwhile, and the feed with it.
    if (hub.feeds.get(workspaceId) !== feed) continue
    // No await between here and joining: the feed cannot move on in between.
    if (reader.position >= feed.position) {
      feed.readers.add(reader)
      void pump(hub, feed)
      return
    }
    for (const event of await readEvents(hub.sql, { workspaceId, after: reader.position, limit: pageSize })) {
      if (event.position > feed.position) break
      tell(reader, event, eventText(event))
    }
    if (!(await drained(reader.out))) return
  }
}

async function findStart(hub: Hub, workspaceId: number, lastId: number | null): Promise<Start> {
  const head = await findHead(hub.sql, workspaceId)
  if (lastId === null) return { resumable: true, position: head }
  const [first] = await readEvents(hub.sql, { workspaceId, after: lastId, limit: 1 })
  return resumeAt(lastId, { head, first }, hub.clock.now())
}

async function feedOf(hub: Hub, workspaceId: number): Promise<Feed> {
  const known = hub.feeds.get(workspaceId)
  if (known) return known
  const position = await findHead(hub.sql, workspaceId)
  const fresh = { readers: new Set<Reader>(), reading: false, woken: false, changed: null }
  const feed = hub.feeds.get(workspaceId) ?? { workspaceId, position, ...fresh }
  hub.feeds.set(workspaceId, feed)
  return feed
}

function leave(hub: Hub, reader: Reader): void {
  hub.open.delete(reader)
  const feed = hub.feeds.get(reader.principal.workspaceId)
  feed?.readers.delete(reader)
  if (feed?.readers.size === 0) hub.feeds.delete(feed.workspaceId)
}

/** Reads on from the feed's place and tells its readers. Woken while it reads, it looks once more. */
async function pump(hub: Hub, feed: Feed): Promise<void> {
  feed.woken = true
  if (feed.reading) return
  feed.reading = true
  try {
    while (feed.woken) {
      feed.woken = false
      await readOn(hub, feed)
    }
  } catch (error) {
    if (isConnectionFailure(error)) return
    hub.log.error({ err: error, workspaceId: feed.workspaceId }, 'events were not read')
  } finally {
    feed.reading = false
  }
}

async function readOn(hub: Hub, feed: Feed): Promise<void> {
  for (let more = true; more && feed.readers.size > 0;) {
    const wanted = { workspaceId: feed.workspaceId, after: feed.position, limit: pageSize }
    const events = await readEvents(hub.sql, wanted)
    for (const event of events) tellAll(feed, event)
    noteChanges(hub, feed, events)
    more = events.length === pageSize
  }
}

/** Counts are told as they are now, a few times a second at most: they need no place in the order. */
function noteChanges(hub: Hub, feed: Feed, events: readonly StoredEvent[]): void {
  if (events.length === 0) return
  const campaigns = events.flatMap((event) => campaignsOf(event.data))
  if (feed.changed) return campaigns.forEach((id) => feed.changed?.add(id))
  feed.changed = new Set(campaigns)
  setTimeout(() => void tellTotals(hub, feed), totalsEveryMs).unref()
}

async function tellTotals(hub: Hub, feed: Feed): Promise<void> {
  const campaigns = [...(feed.changed ?? [])].slice(0, totalsOfCampaigns)
  feed.changed = null
  if (feed.readers.size === 0) return
  try {
    const totals = await hub.snapshot(feed.workspaceId, campaigns)
    const text = `event: totals.changed\ndata: ${JSON.stringify(totals)}\n\n`
    for (const reader of feed.readers) if (seesAll(reader.principal)) reader.out.write(text)
  } catch (error) {
    if (!isConnectionFailure(error)) hub.log.error({ err: error }, 'totals were not read')
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
