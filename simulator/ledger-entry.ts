import type { CallerNumber } from './account-resources.ts'
import type { CallRequest, FinalStatus } from './call.ts'
import type { Conference, ConferenceWish } from './conference.ts'
import type { TextRequest, TextStatus } from './text.ts'

/** What happened to the numbers of the account. */
export type NumberFact =
  | { event: 'number-bought'; sid: string; phoneNumber: string; friendlyName: string }
  | { event: 'number-refused'; phoneNumber: string; statusCode: number; reason: string }
  | { event: 'number-updated'; sid: string; settings: Partial<CallerNumber> }
  | { event: 'number-released'; sid: string; phoneNumber: string }

/** What is written of each thing that happens. One line of the ledger is one of these, with `at`. */
export type LedgerFact =
  | NumberFact
  | { event: 'opened'; seed: string; profile: string; speed: number }
  | ({ event: 'accepted'; sid: string; attempt: number; parentSid?: string } & Partial<CallRequest> & {
        to: string
        from: string
      })
  | { event: 'refused'; to: string; from: string; statusCode: number; code: number; reason: string }
  | { event: 'queued'; sid: string; waitMs: number }
  | { event: 'initiated'; sid: string }
  | { event: 'ringing'; sid: string }
  | { event: 'answered'; sid: string; by: 'human' | 'machine' }
  | { event: 'detected'; sid: string; by: string }
  | { event: 'recorded'; sid: string; recordingSid: string; seconds: number }
  | { event: 'recording-deleted'; sid: string; recordingSid: string }
  | { event: 'instructed'; sid: string; url: string | null; document: string }
  | { event: 'instructions-failed'; sid: string; url: string | null; code: number; reason: string }
  | HeardFact
  | { event: 'pressed'; sid: string; digits: string }
  | { event: 'skipped'; sid: string; verb: string; step: number }
  | { event: 'updated'; sid: string; change: 'canceled' | 'completed' | 'instructions' }
  | { event: 'updated'; sid: string; change: 'settings'; settings: Partial<CallRequest> }
  | {
      event: 'ended'
      sid: string
      status: FinalStatus
      durationSeconds: number
      reason: string
      sipResponseCode: number
      errorCode?: number
    }
  | { event: 'callback-failed'; sid: string; callStatus: string; sequence: number; reason: string }
  | { event: 'callback-withheld'; sid: string; callStatus: string; sequence: number }
  | TextFact
  | ConferenceFact

/** What happens in conferences. `sid` is that of a call in one. */
export type ConferenceFact =
  | ({ event: 'conference-opened'; conference: string; name: string } & Conference['report'])
  | ({ event: 'conference-joined'; conference: string; sid: string } & Pick<
      ConferenceWish,
      'label' | 'startOnEnter' | 'endOnExit'
    >)
  | { event: 'conference-left'; conference: string; sid: string }
  | { event: 'conference-started'; conference: string }
  | { event: 'conference-ended'; conference: string; by: string; byExit: boolean }
  | {
      event: 'conference-callback-failed'
      conference: string
      told: string
      sequence: number
      reason: string
    }
  | { event: 'conference-callback-withheld'; conference: string; told: string; sequence: number }

export function isConferenceFact(entry: LedgerEntry): entry is Extract<LedgerEntry, ConferenceFact> {
  return entry.event.startsWith('conference-')
}

/** What happens to texts: sent by the account, and sent to it by people. */
export type TextFact =
  | ({ event: 'text-accepted'; sid: string; attempt: number; segments: number } & TextRequest)
  | { event: 'text-moved'; sid: string; status: TextStatus; errorCode: number | null }
  | { event: 'text-callback-failed'; sid: string; status: string; reason: string }
  | { event: 'text-callback-withheld'; sid: string; status: string }
  | { event: 'text-received'; sid: string; from: string; to: string; body: string }

export function isTextFact(entry: LedgerEntry): entry is Extract<LedgerEntry, TextFact> {
  return entry.event.startsWith('text-')
}

/** Something that lasted: `seconds` of it were heard, `complete` tells whether that was all. */
export interface HeardFact {
  event: 'said' | 'played' | 'paused' | 'gathered' | 'dialed' | 'conversed' | 'listened' | 'conferred'
  sid: string
  text?: string
  url?: string
  seconds: number
  complete: boolean
  /** Index of the verb that comes next. */
  step: number
  talkedSeconds: number
}

/** `at` is ISO 8601 in UTC with milliseconds. */
export type LedgerEntry = LedgerFact & { at: string }

/** What happened to an accepted call, or kept one from being accepted. */
export type CallEntry = Exclude<LedgerEntry, NumberFact | TextFact | ConferenceFact | { event: 'opened' }>

/** Whether an entry is about a call. */
export function isCallEntry(entry: LedgerEntry): entry is CallEntry {
  if (entry.event === 'opened' || entry.event.startsWith('number-')) return false
  return !isTextFact(entry) && !isConferenceFact(entry)
}
