/** How persistent the carrier is with one address of the account. */
export interface Persistence {
  retries: number
  /** For all tries together. */
  totalTimeoutMs: number
  readTimeoutMs: number
  retryOn: ReadonlySet<string>
}

const MAX_RETRIES = 5
const MAX_TIMEOUT_MS = 15_000

/** One retry, when no connection came about or the server answered 5xx, and 15 seconds for it all. */
const DEFAULT: Persistence = {
  retries: 1,
  totalTimeoutMs: MAX_TIMEOUT_MS,
  readTimeoutMs: MAX_TIMEOUT_MS,
  retryOn: new Set(['ct', '5xx']),
}

/**
 * Splits an address into what is requested and the wishes in its fragment: `#rc=5&rp=all&rt=5000&tt=15000`
 * (retry count, retry policy, read timeout, total time). The fragment is never sent and never signed.
 */
export function splitOverrides(address: string): { url: string; persistence: Persistence } {
  const hash = address.indexOf('#')
  if (hash < 0) return { url: address, persistence: DEFAULT }
  const wishes = new URLSearchParams(address.slice(hash + 1))
  const policy = wishes.get('rp')
  return {
    url: address.slice(0, hash),
    persistence: {
      retries: bounded(wishes.get('rc'), MAX_RETRIES, DEFAULT.retries),
      totalTimeoutMs: bounded(wishes.get('tt'), MAX_TIMEOUT_MS, DEFAULT.totalTimeoutMs),
      readTimeoutMs: bounded(wishes.get('rt'), MAX_TIMEOUT_MS, DEFAULT.readTimeoutMs),
      retryOn: policy === null ? DEFAULT.retryOn : new Set(policy.split(',')),
    },
  }
}

function bounded(text: string | null, most: number, otherwise: number): number {
  if (text === null || !/^\d+$/.test(text)) return otherwise
  return Math.min(most, Number(text))
}
