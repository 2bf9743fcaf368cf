/** What things cost. Pure: units and prices in, whole credits out. */
import { priceOf, type PriceList } from '../accounts/price-list.ts'

/** Something credits are held for. `subject` is its id. */
export type CreditKind = 'run' | 'call' | 'text' | 'number'
export type CreditSubject = { workspaceId: number; kind: CreditKind; subject: string }

/** Something that was used up. */
export type Usage = CreditSubject & {
  /** Whole credits. */
  cost: number
  /** It is over: what is left of its hold is released. A run goes on until it is released itself. */
  ends: boolean
}

/** A started minute counts as one. Not answered: nothing. */
export function startedMinutes(seconds: number): number {
  return Math.ceil(seconds / 60)
}

/** Answering takes a moment, and people are spoken to at different speeds. */
const slowSpeech = 1.2
const answerSeconds = 5

/** Minutes that are held for a call that will say something of this estimated length. */
export function minutesToHold(messageSeconds: number): number {
  return Math.max(1, startedMinutes(messageSeconds * slowSpeech + answerSeconds))
}

export function callCost(call: { country: string | null; duration: number }, prices: PriceList): number {
  return startedMinutes(call.duration) * priceOf(prices, call.country, 'call')
}
