/** Rooms in which several calls hear each other. Of all that bear one name, at most one has not ended. */
import type { Call, HttpMethod } from './call.ts'

export const CONFERENCE_EVENTS = ['start', 'end', 'join', 'leave'] as const
export type ConferenceEvent = (typeof CONFERENCE_EVENTS)[number]

/** What a call that is taken to a conference asks for. */
export interface ConferenceWish {
  name: string
  label: string | null
  startOnEnter: boolean
  endOnExit: boolean
  statusCallback: string | null
  statusCallbackMethod: HttpMethod
  statusCallbackEvents: readonly ConferenceEvent[]
}

export interface Participant {
  call: Call
  label: string | null
  startOnEnter: boolean
  endOnExit: boolean
  joinedAt: number
  /** The conversation has begun: begins or goes on to count how long this one stays. Null until the call is here again. */
  started: (() => void) | null
  /** The conference is over: the call goes on with its instructions. */
  over: (() => void) | null
}

/** `init` until two are there and one of them starts it. Where it reports was said by the first who came. */
export interface Conference {
  readonly sid: string
  readonly name: string
  readonly report: Pick<ConferenceWish, 'statusCallback' | 'statusCallbackMethod' | 'statusCallbackEvents'>
  status: 'init' | 'in-progress' | 'completed'
  readonly createdAt: number
  updatedAt: number
  /** The next SequenceNumber. */
  sequence: number
  /** By the sid of their calls, in the order in which they came. */
  readonly participants: Map<string, Participant>
  /** The call by whose leaving it ended, and whether that call was to end it. */
  endedBy: string | null
  endedByExit: boolean
}

export interface ConferenceBook {
  /** Oldest first. */
  readonly conferences: readonly Conference[]
  add(conference: Conference): void
  bySid(sid: string): Conference | undefined
  /** The one of this name that has not ended. */
  open(name: string): Conference | undefined
}

export function openConferenceBook(): ConferenceBook {
  const conferences: Conference[] = []
  const names = new Map<string, Conference>()
  return {
    conferences,
    add(conference) {
      conferences.push(conference)
      names.set(conference.name, conference)
    },
    bySid: (sid) => conferences.find((one) => one.sid === sid),
    open(name) {
      const latest = names.get(name)
      return latest?.status === 'completed' ? undefined : latest
    },
  }
}
