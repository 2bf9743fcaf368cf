import { CarrierAway, type Carrier, type CarrierNumber } from './carrier.ts'

/** The numbers that calls and texts of one workspace may show. */
export type CallerIds = {
  owned: string[]
  verified: string[]
  /** Shown when nothing else was chosen; null when there is none. */
  chosen: string | null
}

/** What the carrier says of its account. */
export type AccountNumbers = { owned: CarrierNumber[]; verified: string[] }

const freshForMs = 30_000
/** A carrier that could not tell is not asked again by everybody who waits for it. */
const quietAfterFailureMs = 2_000

export type NumberList = {
  /** Asked of the carrier at most twice a minute. Null when it cannot be asked and nothing is known yet. */
  read(): Promise<AccountNumbers | null>
  /** Something changed: the next one who reads asks again. */
  forget(): void
}

export function createNumberList(carrier: Pick<Carrier, 'callerIds'>): NumberList {
  let known: { numbers: AccountNumbers; atMs: number } | null = null
  let isFresh = false
  let failedAtMs: number | null = null
  return {
    async read() {
      if (known && isFresh && performance.now() - known.atMs < freshForMs) return known.numbers
      const atMs = performance.now()
      if (failedAtMs !== null && atMs - failedAtMs < quietAfterFailureMs) return known?.numbers ?? null
      try {
        const numbers = await carrier.callerIds()
        known = { numbers, atMs }
        isFresh = true
        failedAtMs = null
        return numbers
      } catch (error) {
        if (!(error instanceof CarrierAway)) throw error
        failedAtMs = performance.now()
        // What is known is good enough while the carrier is away.
        return known?.numbers ?? null
      }
    },
    forget() {
      isFresh = false
      failedAtMs = null
    },
  }
}
