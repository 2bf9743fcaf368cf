import { stringify } from 'node:querystring'
import type { HttpMethod } from './call.ts'
import type { CallbackForm } from './callback-form.ts'
import { splitOverrides, type Persistence } from './connection-overrides.ts'
import type { Outbound, OutboundAnswer, OutboundRequest } from './outbound.ts'
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

/** Pause before the nth retry. Five of them fit into the 15 seconds the carrier allows itself. */
const RETRY_PAUSE_MS = [1000, 2000, 3000, 4000, 4000]

/** Signs and sends requests to the account's server, and tries again where the real carrier would. */
export function createSender(authToken: string, outbound: Outbound, timers: Timers): Sender {
  return {
    send(request, done) {
      const { url, persistence } = splitOverrides(request.address)
      const signed = sign(authToken, { ...request, address: url })
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
      const forged = sign(`${authToken}-forged`, { ...request, address: url })
      outbound.send(forged, () => undefined)
    },
  }
}

function sign(authToken: string, request: SignedRequest): OutboundRequest {
  const headers = {
    'user-agent': 'TwilioProxy/1.1',
    accept: '*/*',
    'i-twilio-idempotency-token': request.token,
  }
  const rest = { method: request.method, timeoutMs: 15_000, maxBytes: request.maxBytes }
  if (request.method === 'GET') {
    const query = stringify(request.form)
    const url = query === '' ? request.address : `${request.address}${joint(request.address)}${query}`
    const signature = signRequest(authToken, url, {})
    return { ...rest, url, headers: { ...headers, 'x-twilio-signature': signature }, body: null }
  }
  return {
    ...rest,
    url: request.address,
    headers: {
      ...headers,
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signRequest(authToken, request.address, request.form),
    },
    body: stringify(request.form),
  }
}

function joint(url: string): string {
  return url.includes('?') ? '&' : '?'
}

function isWorthRetrying(answer: OutboundAnswer, { retryOn }: Persistence): boolean {
  const all = retryOn.has('all')
  if (!answer.ok) return all || retryOn.has(answer.why === 'timeout' ? 'rt' : 'ct')
  if (answer.statusCode >= 500) return all || retryOn.has('5xx')
  return answer.statusCode >= 400 && (all || retryOn.has('4xx'))
}
