/** What things cost. Pure: units and prices in, whole credits out. */
import { priceOf, type PriceList } from '../accounts/price-list.ts'
import { AppError } from '../errors.ts'

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

/** Something that is about to cost credits: what it will probably cost. */
export type Charge = CreditSubject & { cost: number }

/** What may still be begun. */
export type Purse = {
  /** Takes the cost out of it; no when it is not in it. */
  pay(charge: Charge): boolean
  /** What must be put on hold for what was paid, by subject. */
  more: ReadonlyMap<string, number>
}

/**
 * `room`: what the hold of each subject has left once everything under way is paid from it; `free`: what each workspace
 * has left besides its holds.
 */
export function openPurse(room: Map<string, number>, free: Map<number, number>): Purse {
  const more = new Map<string, number>()
  return {
    more,
    pay(charge) {
      const key = keyOfSubject(charge)
      const held = room.get(key) ?? 0
      const missing = Math.max(0, charge.cost - held)
      const rest = free.get(charge.workspaceId) ?? 0
      if (missing > rest) return false
      room.set(key, held + missing - charge.cost)
      free.set(charge.workspaceId, rest - missing)
      if (missing > 0) more.set(key, (more.get(key) ?? 0) + missing)
      return true
    },
  }
}

export function noCredit(amount: number, available: number): AppError {
  const sentence = `This needs ${amount} credits on hold; ${available} of the limit are left. Raise credit_limit in the settings.`
  return new AppError('conflict', 'no_credit', sentence)
}

export function keyOfSubject({ workspaceId, kind, subject }: CreditSubject): string {
  return `${workspaceId} ${kind} ${subject}`
}
