import { seesAll, type Principal } from '../http/principal.ts'
import { eventsKeptMs, type StoredEvent } from './event-store.ts'

/** A reader that falls further behind than this is closed: it comes back with its last id and misses nothing. */
export const mostBufferedBytes = 1024 * 1024

/** Whether an event is for this reader: managers see the workspace, everyone else only what names them or their agent. */
export function maySee(principal: Principal, event: StoredEvent): boolean {
  if (seesAll(principal)) return true
  return event.visibleTo !== null && [principal.userId, principal.agentId].includes(event.visibleTo)
}

export type Start = { resumable: boolean; position: number }

/**
 * Where a reader goes on. `first` is the first event after the id it named, `head` the newest position.
 * What lies between can be told only when no event in between is gone or older than the 24 hours promised.
 */
export function resumeAt(
  lastId: number,
  known: { head: number; first: StoredEvent | undefined },
  now: Date,
): Start {
  const { head, first } = known
  if (lastId === head) return { resumable: true, position: head }
  const isNext = first !== undefined && first.position === lastId + 1
  const isKept = first !== undefined && first.at.getTime() > now.getTime() - eventsKeptMs
  return isNext && isKept ? { resumable: true, position: lastId } : { resumable: false, position: head }
}

/** An event as a stream carries it. */
export function eventText(event: StoredEvent): string {
  const data = JSON.stringify({ at: event.at.toISOString(), ...asObject(event.data) })
  return `id: ${event.position}\nevent: ${event.kind}\ndata: ${data}\n\n`
}

/** What a stream begins with, after an id that can be continued or after one that cannot. */
export function openingText(kind: 'ready' | 'reset', position: number): string {
  return `id: ${position}\nevent: ${kind}\ndata: {"position":${position}}\n\n`
}

/** Shows that the stream lives, and moves the reader's last id along, past events that were not for it. */
export function heartbeatText(position: number): string {
  return `id: ${position}\nevent: heartbeat\ndata: {}\n\n`
}

function asObject(data: unknown): object {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : { data }
}
