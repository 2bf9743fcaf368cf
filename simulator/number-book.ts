import { existsSync } from 'node:fs'
import type { CallerNumber } from './account-resources.ts'
import { readLedgerBatches } from './ledger.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { boughtNumber, OFFERED } from './number-market.ts'

/** The numbers of the account. */
export interface NumberBook {
  readonly numbers: readonly CallerNumber[]
  add(number: CallerNumber): void
  remove(sid: string): void
  bySid(sid: string): CallerNumber | undefined
  /** Somebody else has it by now. */
  isTaken(phoneNumber: string): boolean
  take(phoneNumber: string): void
  /** Whether calls and texts may come from it now. */
  isCallerId(phoneNumber: string, now: Date): boolean
}

export function openNumberBook(first: readonly CallerNumber[]): NumberBook {
  let numbers = [...first]
  const taken = new Set<string>()
  return {
    get numbers() {
      return numbers
    },
    add: (number) => void numbers.push(number),
    remove: (sid) => void (numbers = numbers.filter((number) => number.sid !== sid)),
    bySid: (sid) => numbers.find((number) => number.sid === sid),
    isTaken: (phoneNumber) => taken.has(phoneNumber),
    take: (phoneNumber) => void taken.add(phoneNumber),
    isCallerId: (phoneNumber, now) =>
      numbers.some((number) => number.phoneNumber === phoneNumber && number.usableFrom <= now),
  }
}

/** How long a pending number is pending, before the speed of the simulation. */
export const PENDING_MS = 10_000

/** Repeats in a book what the ledger tells was bought, changed, taken and released. */
export async function restoreNumbers(
  book: NumberBook,
  shop: { ledgerPath: string; speed: number },
): Promise<void> {
  if (!existsSync(shop.ledgerPath)) return
  for await (const entries of readLedgerBatches(shop.ledgerPath))
    for (const entry of entries) note(book, entry, shop.speed)
}

function note(book: NumberBook, entry: LedgerEntry, speed: number): void {
  switch (entry.event) {
    case 'number-bought': {
      const offered = OFFERED.find(({ phoneNumber }) => phoneNumber === entry.phoneNumber)
      const names = { friendlyName: entry.friendlyName, pendingMs: PENDING_MS / speed }
      if (offered) book.add(boughtNumber(offered, new Date(entry.at), names))
      return
    }
    case 'number-updated': {
      const number = book.bySid(entry.sid)
      if (number) Object.assign(number, entry.settings)
      return
    }
    case 'number-released':
      return book.remove(entry.sid)
    case 'number-refused':
      if (entry.reason === 'taken') book.take(entry.phoneNumber)
  }
}
