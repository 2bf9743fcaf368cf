import type { ParsedUrlQuery } from 'node:querystring'
import { CALLBACK_EVENTS, NO_EXTRAS, type CallbackEvent, type CallRequest, type HttpMethod } from './call.ts'

export type Refusal = { statusCode: number; code: number; message: string }
export type CheckedRequest = { ok: true; request: CallRequest } | { ok: false; refusal: Refusal }

const DEFAULT_RING_TIMEOUT_SECONDS = 60
const MAX_RING_TIMEOUT_SECONDS = 600
const DEFAULT_TIME_LIMIT_SECONDS = 14_400
const MAX_TWIML_CHARACTERS = 4000

/** Checks the form of a create request in the order in which the real carrier complains. */
export function checkCallRequest(
  form: ParsedUrlQuery,
  isCallerId: (number: string) => boolean,
): CheckedRequest {
  const to = text(form, 'To')
  const from = text(form, 'From')
  const url = text(form, 'Url')
  const twiml = text(form, 'Twiml')
  const statusCallback = text(form, 'StatusCallback')
  const fallbackUrl = text(form, 'FallbackUrl')
  const timeout = text(form, 'Timeout')
  const timeLimit = text(form, 'TimeLimit')
  if (to === null) return refuse(21201, "No 'To' number is specified")
  if (from === null) return refuse(21213, "No 'From' number is specified")
  if (!isPhoneNumber(to))
    return refuse(21211, `The phone number you are attempting to call, ${to}, is not valid.`)
  if (!isPhoneNumber(from)) return refuse(21212, `The source phone number provided, ${from}, is not valid.`)
  if (!isCallerId(from)) {
    return refuse(
      21210,
      `The source phone number provided, ${from}, is not owned or verified by this account.`,
    )
  }
  if (url === null && twiml === null) return refuse(21205, 'Url parameter is required.')
  if (url !== null && !isHttpUrl(url)) return refuse(21205, `Url is not a valid URL: ${url}`)
  if (twiml !== null && twiml.length > MAX_TWIML_CHARACTERS) {
    return refuse(20001, `Twiml must not be longer than ${MAX_TWIML_CHARACTERS} characters.`)
  }
  if (fallbackUrl !== null && !isHttpUrl(fallbackUrl)) return refuse(21205, 'FallbackUrl is not a valid URL.')
  if (statusCallback !== null && !isHttpUrl(statusCallback)) {
    return refuse(21609, `The StatusCallback URL ${statusCallback} is not valid.`)
  }
  for (const name of ['Method', 'FallbackMethod', 'StatusCallbackMethod']) {
    const method = text(form, name)
    if (method !== null && method !== 'GET' && method !== 'POST')
      return refuse(21209, `${name} is not valid.`)
  }
  if (timeout !== null && !isWhole(timeout)) return refuse(21208, 'Timeout must be a number of seconds.')
  if (timeLimit !== null && !isWhole(timeLimit))
    return refuse(20001, 'TimeLimit must be a number of seconds.')
  return { ok: true, request: buildRequest(form, { to, from, url, twiml }) }
}

export function isHttpUrl(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}

/** A form's parameter; null when it is absent or empty. Of several, the first counts. */
export function text(form: ParsedUrlQuery, name: string): string | null {
  const value = form[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === undefined || first === '' ? null : first
}

export function methodOf(form: ParsedUrlQuery, name: string): HttpMethod {
  return text(form, name) === 'GET' ? 'GET' : 'POST'
}

/** Members that are null or false say nothing that their absence would not. */
export function sparse(request: CallRequest): Partial<CallRequest> & { to: string; from: string } {
  const filled = Object.entries(request).filter(([, value]) => value !== null && value !== false)
  return { ...Object.fromEntries(filled), to: request.to, from: request.from }
}

function buildRequest(
  form: ParsedUrlQuery,
  given: Pick<CallRequest, 'to' | 'from' | 'url' | 'twiml'>,
): CallRequest {
  const timeout = Number(text(form, 'Timeout') ?? DEFAULT_RING_TIMEOUT_SECONDS)
  return {
    ...given,
    method: methodOf(form, 'Method'),
    fallbackUrl: text(form, 'FallbackUrl'),
    fallbackMethod: methodOf(form, 'FallbackMethod'),
    twiml: given.url === null ? given.twiml : null,
    statusCallback: text(form, 'StatusCallback'),
    statusCallbackMethod: methodOf(form, 'StatusCallbackMethod'),
    statusCallbackEvents: callbackEvents(form['StatusCallbackEvent']),
    ringTimeoutSeconds: Math.min(MAX_RING_TIMEOUT_SECONDS, timeout),
    timeLimitSeconds: Number(text(form, 'TimeLimit') ?? DEFAULT_TIME_LIMIT_SECONDS),
    ...NO_EXTRAS,
  }
}

/** Names that are no event are passed over, as the real carrier does; no name at all means the end of the call. */
export function callbackEvents(value: string | string[] | undefined): readonly CallbackEvent[] {
  const asked = (Array.isArray(value) ? value : [value ?? '']).flatMap((part) => part.split(/[\s,]+/))
  const events = CALLBACK_EVENTS.filter((event) => asked.includes(event))
  return events.length > 0 ? events : ['completed']
}

export function isPhoneNumber(number: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(number)
}

function isWhole(number: string): boolean {
  return /^\d{1,6}$/.test(number)
}

function refuse(code: number, message: string): CheckedRequest {
  return { ok: false, refusal: { statusCode: 400, code, message } }
}
