import type { CallBook } from './call-book.ts'
import type { ConferenceBook } from './conference.ts'
import type { FaultSettings } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { NumberBook } from './number-book.ts'
import type { Profile } from './profile.ts'
import type { Recording } from './recordings.ts'
import type { TextBook } from './text-book.ts'
import type { Sender } from './sender.ts'
import type { Clock, Timers } from './timers.ts'

/** Everything the carrier's parts work with. Built once, in `carrier.ts`. */
export interface Workshop {
  accountSid: string
  /** The Authorization header a request must bear. */
  credentials: Buffer
  ledgerPath: string
  openedAt: Date
  seed: string
  /** Divides ringing and talking time. */
  speed: number
  profile: Profile
  clock: Clock
  timers: Timers
  ledger: Ledger
  book: CallBook
  texts: TextBook
  /** By their ids. */
  recordings: Map<string, Recording>
  conferences: ConferenceBook
  sender: Sender
  numbers: NumberBook
  faults: { get(): FaultSettings; set(settings: FaultSettings): void }
  /** Where texts to our numbers are told; null: nowhere. */
  inboundUrl: { get(): string | null; set(url: string | null): void }
  /** Texts are sent from numbers that the account owns, not from those it merely proved to be its own. */
  ownsNumber(number: string): boolean
  /** How many create requests came for this number, this one included. */
  countVisit(to: string): number
  /** Milliseconds that a call accepted now must wait because of the account's calls per second. */
  reserveLine(): number
  /** Closes the door: connections are refused for so long. */
  refuseConnections(seconds: number): void
}
