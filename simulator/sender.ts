import { stringify } from 'node:querystring'
import type { HttpMethod } from './call.ts'
import type { CallbackForm } from './callback-form.ts'
import { splitOverrides, type Persistence } from './connection-overrides.ts'
import type { Outbound, OutboundAnswer, PreparedRequest } from './outbound.ts'
import { signRequest } from './signature.ts'
import type { Timers } from './timers.ts'

/** One signed request to the account's server. */
export interface SignedRequest {
  /** As the account gave it, fragment included. */
  address: string
  method: HttpMethod
  form: CallbackForm
  /** The I-Twilio-Idempotency-Token: the same for every copy and every retry of one request. */
  token: string
  maxBytes: number
}

export interface Sender {
  /** Sends with the persistence the address asks for, and tells how the last try ended. */
  send(request: SignedRequest, done: (answer: OutboundAnswer) => void): void
  /** Sends once, with a signature that does not fit. */
  sendForged(request: SignedRequest): void
}

const FORM_TYPE = 'application/x-www-form-urlencoded; charset=UTF-8'

/** Pause before the nth retry. Five of them fit into the 15 seconds the carrier allows itself. */
const RETRY_PAUSE_MS = [1000, 2000, 3000, 4000, 4000]

/** Signs and sends requests to the account's server, and tries again where the real carrier would. */
export function createSender(authToken: string, outbound: Outbound, timers: Timers): Sender {
  return {
    send(request, done) {
      const { url, persistence } = splitOverrides(request.address)
      const target = targetOf(url)
      let prepared: PreparedRequest | null = null
      const signed = {
        origin: target.origin,
        maxBytes: request.maxBytes,
        prepare: () => (prepared ??= sign(authToken, { ...request, address: url }, target.path)),
      }
      let spentMs = 0
      const attempt = (number: number): void => {
        const timeoutMs = Math.min(persistence.readTimeoutMs, persistence.totalTimeoutMs - spentMs)
        outbound.send({ ...signed, timeoutMs }, (answer) => {
          const pause = RETRY_PAUSE_MS[number] ?? 0
          spentMs += answer.tookMs + pause
          const again = number < persistence.retries && spentMs < persistence.totalTimeoutMs
          if (again && isWorthRetrying(answer, persistence)) {
            timers.after(pause, () => {
              attempt(number + 1)
            })
          } else done(answer)
        })
      }
      attempt(0)
    },
    sendForged(request) {
      const { url } = splitOverrides(request.address)
      const target = targetOf(url)
      const prepare = (): PreparedRequest =>
        sign(`${authToken}-forged`, { ...request, address: url }, target.path)
      outbound.send({ origin: target.origin, prepare, timeoutMs: 15_000, maxBytes: 0 }, () => undefined)
    },
  }
}

function targetOf(url: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(url)
  return { origin, path: pathname + search }
}

function sign(authToken: string, request: SignedRequest, path: string): PreparedRequest {
  const { method, address, form } = request
  const headers = {
    'user-agent': 'TwilioProxy/1.1',
    accept: '*/*',
    'i-twilio-idempotency-token': request.token,
    'x-twilio-signature': '',
  }
  if (method === 'GET') {
    const query = stringify(form)
    const addition = query === '' ? '' : `${address.includes('?') ? '&' : '?'}${query}`
    headers['x-twilio-signature'] = signRequest(authToken, address + addition, {})
    return { path: path + addition, method, headers, body: null }
  }
  headers['x-twilio-signature'] = signRequest(authToken, address, form)
  return { path, method, headers: { ...headers, 'content-type': FORM_TYPE }, body: stringify(form) }
}

function isWorthRetrying(answer: OutboundAnswer, { retryOn }: Persistence): boolean {
  const all = retryOn.has('all')
  if (!answer.ok) return all || retryOn.has(answer.why === 'timeout' ? 'rt' : 'ct')
  if (answer.statusCode >= 500) return all || retryOn.has('5xx')
  return answer.statusCode >= 400 && (all || retryOn.has('4xx'))
}
