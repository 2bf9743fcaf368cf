/**
 * What a carrier can do for us: the port between the dialing engine and the telephone network.
 *
 * Creating a call has no idempotency key anywhere in this field, so the port promises two things the engine stands
 * on: a request to place a call is written at most once, and its outcome is told as one of four, of which `unknown`
 * is the honest word for every answer that does not prove the contrary.
 */
import type { Readable } from 'node:stream'
import type { CarrierForm } from './carrier-form.ts'

/** What is known after asking a carrier to dial. `unknown` is not a failure: the phone may be ringing. */
export type Placement = Answered<CarrierCallState>

/** The same for a text. */
export type TextPlacement = Answered<CarrierTextState>

type Answered<State> =
  | { outcome: 'placed'; sid: string; state: State }
  | { outcome: 'refused'; reason: string } // dialed nobody and never will: uses up the attempt
  | { outcome: 'unavailable'; reason: string; trouble: Trouble | null } // dialed nobody this time
  | { outcome: 'unknown'; reason: string } // reconciled, never placed again

/** Why nothing should be asked of the carrier for a while. */
export type Trouble = { kind: 'busy' | 'away' | 'credentials'; retryAfterMs: number | null }

export type CarrierCallState =
  'initiated' | 'ringing' | 'in_progress' | 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled'

export type CarrierTextState = 'accepted' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'canceled'

/** A text as the carrier describes it. `createdAt` is the carrier's clock. */
export type CarrierText = {
  sid: string
  to: string
  from: string
  body: string
  state: CarrierTextState
  /** Why it did not arrive: `carrier_30007`. */
  reason: string | null
  createdAt: Date | null
}

export type SendRequest = { to: string; from: string; body: string; statusCallbackUrl: string }

/** A call as the carrier describes it. `createdAt` is the carrier's clock; `duration` is seconds talked. */
export type CarrierCall = {
  sid: string
  to: string
  from: string
  state: CarrierCallState
  duration: number | null
  createdAt: Date | null
}

export type PlaceRequest = {
  to: string
  from: string
  /** What the phone will hear, inline, or the address the carrier fetches it from. */
  instructions: { twiml: string } | { url: string }
  statusCallbackUrl: string
  ringTimeoutSeconds: number
  detection?: MachineDetection
  /** The call is recorded, and told here when the recording is ready. */
  recordingUrl?: string
}

/**
 * Whether a person or a machine answered is found out: before anything is said (`afterBeep`: a machine hears it after its
 * beep, a person a moment later), or while it is said already, and told to an address.
 */
export type MachineDetection = { kind: 'afterBeep' } | { kind: 'beside'; url: string }

export type CarrierRecording = { sid: string; seconds: number }

/** Where a list of calls came from: what was found, and how far the carrier's clock is ahead of ours. */
export type Found = { calls: CarrierCall[]; clockAheadMs: number }

export type FoundTexts = { texts: CarrierText[]; clockAheadMs: number }
export type CallQuery = { to: string; from: string; parentSid?: string | null; nowMs: number }
export type Capabilities = { voice: boolean; sms: boolean; mms: boolean; fax: boolean }

/** A number of the account. One that is pending is paid for and cannot be used yet. */
export type CarrierNumber = {
  sid: string
  number: string
  friendlyName: string
  capabilities: Capabilities
  isPending: boolean
  /** What the carrier fetches when somebody calls it; empty when nothing was set. */
  callUrl: string
  callMethod: string
}

/** A number for sale. */
export type OfferedNumber = {
  number: string
  country: string
  friendlyName: string
  locality: string | null
  capabilities: Capabilities
}

export type NumberSearch = {
  /** ISO 3166, two letters. */
  country: string
  /** Digits anywhere in the number; `*` stands for any one. */
  contains: string | null
  capabilities: readonly (keyof Capabilities)[]
}

/** What is known after asking for a number: the four words of a placement. */
export type Purchase =
  | { outcome: 'bought'; number: CarrierNumber }
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unavailable'; reason: string; retryAfterMs: number | null }
  | { outcome: 'unknown'; reason: string }

export type Carrier = {
  /** A live carrier rings real phones. */
  live: boolean
  name: string
  accountSid: string
  /**
   * Asks once. `mayWrite` is called in the last moment before the first byte goes out; when it says no, nothing is
   * written and the outcome is `unavailable`. Never rejects.
   */
  place(request: PlaceRequest, mayWrite: () => boolean): Promise<Placement>
  /** Null when the carrier does not know the id. Rejects with CarrierAway when there is no clear answer. */
  fetchCall(sid: string): Promise<CarrierCall | null>
  /**
   * Every call between two numbers, all pages; of those that one call dialed, when `parentSid` names it. `nowMs`: our
   * database time, to compare clocks. Rejects with CarrierAway.
   */
  findCalls(query: CallQuery): Promise<Found>
  /** Every call it accepted since then, by its own clock; on its way in or out, and not only ours. Rejects with CarrierAway. */
  callsSince(since: Date): Promise<CarrierCall[]>
  /** The same of texts. */
  textsSince(since: Date): Promise<CarrierText[]>
  /** Ends a call whatever it is doing; a call that is over already is no error. Rejects with CarrierAway. */
  endCall(sid: string): Promise<void>
  /** The recordings of a call that the carrier has. Rejects with CarrierAway. */
  findRecordings(callSid: string): Promise<CarrierRecording[]>
  /** What was recorded, as a file of sound; null when there is no such recording any more. Rejects with CarrierAway. */
  openRecording(sid: string): Promise<Readable | null>
  /** One that is gone already is no error. Rejects with CarrierAway. */
  deleteRecording(sid: string): Promise<void>
  /** The carrier ids of the calls that are in the conference of this name now. Rejects with CarrierAway. */
  participants(name: string): Promise<string[]>
  /** Lets a call that was answered go on with other instructions. One that is over hears nothing. Rejects with CarrierAway. */
  instruct(sid: string, twiml: string): Promise<void>
  /** Asks once to send a text, as `place` asks for a call. */
  sendText(request: SendRequest, mayWrite: () => boolean): Promise<TextPlacement>
  /** Null when the carrier does not know the id. Rejects with CarrierAway when there is no clear answer. */
  fetchText(sid: string): Promise<CarrierText | null>
  /** Every text from one number to another, all pages, with their bodies. Rejects with CarrierAway. */
  findTexts(query: { to: string; from: string; nowMs: number }): Promise<FoundTexts>
  /** The numbers that calls may show. Rejects with CarrierAway. */
  callerIds(): Promise<{ owned: CarrierNumber[]; verified: string[] }>
  /** The account's own number, null when it has not got it. Rejects with CarrierAway. */
  findNumber(number: string): Promise<CarrierNumber | null>
  /** ISO codes of the countries in which there are numbers for sale. Rejects with CarrierAway. */
  countriesSold(): Promise<string[]>
  /** Numbers for sale, null when the carrier sells none in that country. Rejects with CarrierAway. */
  offeredNumbers(search: NumberSearch): Promise<OfferedNumber[] | null>
  /** Asks once. A carrier never sells a number twice, so an unknown outcome is found out by `findNumber`. Never rejects. */
  buyNumber(wanted: { number: string; friendlyName: string }): Promise<Purchase>
  /**
   * Gives a number back; one that is gone already is released. `refused` when the carrier will not. May be repeated.
   * Rejects with CarrierAway.
   */
  releaseNumber(sid: string): Promise<{ outcome: 'released' } | { outcome: 'refused'; reason: string }>
  /** Rejects with CarrierAway. */
  renameNumber(sid: string, friendlyName: string): Promise<void>
  /** Checks a webhook's signature over its address and form. */
  isSigned(url: string, form: CarrierForm, signature: string | undefined): boolean
  close(): Promise<void>
}

/** The carrier could not be asked or gave no usable answer; the question may be repeated. */
export class CarrierAway extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(`The carrier gave no usable answer: ${reason}`)
    this.name = 'CarrierAway'
    this.reason = reason
  }
}
