/** Reads what the carrier answers. Pure: bytes in, decisions out; everything unexpected is `unknown` or null. */
import type { Answer, Exchange } from './one-request.ts'
import type {
  CarrierCall,
  CarrierCallState,
  CarrierText,
  CarrierTextState,
  Placement,
  TextPlacement,
  Trouble,
} from './carrier.ts'

const states: Record<string, CarrierCallState> = {
  queued: 'initiated',
  initiated: 'initiated',
  ringing: 'ringing',
  answered: 'in_progress',
  'in-progress': 'in_progress',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no_answer',
  failed: 'failed',
  canceled: 'canceled',
}

/** The carrier's word for a call's state, or null when it is none of its words. */
export function carrierState(word: unknown): CarrierCallState | null {
  return typeof word === 'string' ? (states[word.toLowerCase()] ?? null) : null
}

/**
 * Compatible carriers name their calls in their own way. A name that we took for none would be a call that we never find
 * again, so anything that is one word is taken.
 */
export function maySid(sid: unknown): sid is string {
  return typeof sid === 'string' && /^[\w-]{2,64}$/.test(sid)
}

export function mayRecordingSid(sid: unknown): sid is string {
  return typeof sid === 'string' && /^RE[0-9a-f]{32}$/i.test(sid)
}

const textStates: Record<string, CarrierTextState> = {
  accepted: 'accepted',
  scheduled: 'accepted',
  queued: 'accepted',
  sending: 'accepted',
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  partially_delivered: 'undelivered',
  undelivered: 'undelivered',
  failed: 'failed',
  canceled: 'canceled',
}

/** The carrier's word for a text's state, or null when it is none of its words. */
export function carrierTextState(word: unknown): CarrierTextState | null {
  return typeof word === 'string' ? (textStates[word.toLowerCase()] ?? null) : null
}

export function mayTextSid(sid: unknown): sid is string {
  return maySid(sid)
}

/** What one exchange proves about a dial. Only an answer that proves it lets an attempt be refused or given back. */
export function placementOf(exchange: Exchange, to: string): Placement {
  return outcomeOf(exchange, (answer) => placedOrUnknown(answer, to))
}

/** The same about a text. */
export function textPlacementOf(exchange: Exchange, to: string): TextPlacement {
  return outcomeOf(exchange, (answer) => acceptedOrUnknown(answer, to))
}

function outcomeOf<Success>(
  exchange: Exchange,
  success: (answer: Answer) => Success,
): Success | Exclude<Placement, { outcome: 'placed' }> {
  if (!exchange.written) {
    const mine = exchange.reason === 'not_allowed_any_more'
    const trouble: Trouble | null = mine ? null : { kind: 'away', retryAfterMs: null }
    return {
      outcome: 'unavailable',
      reason: mine ? 'intent_expired' : `not_sent_${exchange.reason}`,
      trouble,
    }
  }
  if (exchange.answer === null) return { outcome: 'unknown', reason: exchange.reason }
  const { status } = exchange.answer
  if (status === 200 || status === 201) return success(exchange.answer)
  if (status === 429 || isQueueFull(exchange.answer.body)) {
    const retryAfterMs = retryAfter(exchange.answer)
    return { outcome: 'unavailable', reason: 'carrier_busy', trouble: { kind: 'busy', retryAfterMs } }
  }
  if (status === 403 && isAboutTheCall(exchange.answer.body)) {
    return { outcome: 'refused', reason: errorCode(exchange.answer.body) ?? 'carrier_http_403' }
  }
  if (status === 401 || status === 403) {
    const trouble: Trouble = { kind: 'credentials', retryAfterMs: null }
    return { outcome: 'unavailable', reason: `carrier_refused_credentials_${status}`, trouble }
  }
  if (status === 404 || status === 405) {
    return {
      outcome: 'unavailable',
      reason: `carrier_http_${status}`,
      trouble: { kind: 'credentials', retryAfterMs: null },
    }
  }
  if (status >= 400 && status < 500 && status !== 408) {
    return { outcome: 'refused', reason: errorCode(exchange.answer.body) ?? `carrier_http_${status}` }
  }
  return { outcome: 'unknown', reason: `http_${status}` }
}

function placedOrUnknown(answer: Answer, to: string): Placement {
  const body = parseObject(answer.body)
  if (body === null || !maySid(body.sid)) return { outcome: 'unknown', reason: 'unreadable_answer' }
  if (typeof body.to === 'string' && !isSameNumber(body.to, to))
    return { outcome: 'unknown', reason: 'answer_about_another_number' }
  return { outcome: 'placed', sid: body.sid, state: carrierState(body.status) ?? 'initiated' }
}

function acceptedOrUnknown(answer: Answer, to: string): TextPlacement {
  const body = parseObject(answer.body)
  if (body === null || !mayTextSid(body.sid)) return { outcome: 'unknown', reason: 'unreadable_answer' }
  if (typeof body.to === 'string' && !isSameNumber(body.to, to))
    return { outcome: 'unknown', reason: 'answer_about_another_number' }
  return { outcome: 'placed', sid: body.sid, state: carrierTextState(body.status) ?? 'accepted' }
}

/** Carriers write numbers with and without the plus and the spaces. */
export function isSameNumber(one: string, other: string): boolean {
  return one === other || (/\d/.test(one) && one.replace(/\D/g, '') === other.replace(/\D/g, ''))
}

/** One text resource, given as text or as a parsed member of a list. */
export function parseText(given: string | Record<string, unknown>): CarrierText | null {
  const body = typeof given === 'string' ? parseObject(given) : given
  const state = body === null ? null : carrierTextState(body.status)
  if (body === null || state === null || !mayTextSid(body.sid)) return null
  return {
    sid: body.sid,
    to: String(body.to ?? ''),
    from: String(body.from ?? ''),
    body: String(body.body ?? ''),
    state,
    reason: typeof body.error_code === 'number' ? `carrier_${body.error_code}` : null,
    createdAt: instantOrNull(body.date_created),
  }
}

/** One call resource, given as text or as a parsed member of a list. */
export function parseCall(given: string | Record<string, unknown>): CarrierCall | null {
  const body = typeof given === 'string' ? parseObject(given) : given
  const state = body === null ? null : carrierState(body.status)
  if (body === null || state === null || !maySid(body.sid)) return null
  const duration = body.duration === null || body.duration === undefined ? null : Number(body.duration)
  return {
    sid: body.sid,
    to: String(body.to ?? ''),
    from: String(body.from ?? ''),
    state,
    duration: duration === null || !Number.isFinite(duration) || duration < 0 ? null : duration,
    createdAt: instantOrNull(body.date_created),
  }
}

function instantOrNull(given: unknown): Date | null {
  const at = typeof given === 'string' ? new Date(given) : null
  return at === null || Number.isNaN(at.getTime()) ? null : at
}

/** One page of a list. Null when it is no such page or when an item cannot be read: an incomplete list proves nothing. */
export function parsePage<Item>(
  text: string,
  key: string,
  read: (item: Record<string, unknown>) => Item | null,
): { items: Item[]; next: string | null } | null {
  const body = parseObject(text)
  const list = body?.[key]
  if (body === null || !Array.isArray(list)) return null
  const items: Item[] = []
  for (const element of list) {
    const item = isObject(element) ? read(element) : null
    if (item === null) return null
    items.push(item)
  }
  const next = body.next_page_uri
  return { items, next: typeof next === 'string' && next !== '' ? next : null }
}

/** In milliseconds, an hour at most. Given as seconds, or as an instant, which is read by the carrier's own clock. */
export function retryAfter({ headers }: Answer): number | null {
  const given = headers['retry-after']
  if (typeof given !== 'string') return null
  const isInstant = /\bGMT$/.test(given.trim())
  const seconds = isInstant ? (Date.parse(given) - Date.parse(String(headers.date))) / 1_000 : Number(given)
  if (!Number.isFinite(seconds) || (seconds < 0 && !isInstant)) return null
  return Math.min(Math.max(seconds, 0), 3_600) * 1_000
}

export function errorCode(text: string): string | null {
  const code = parseObject(text)?.code
  return typeof code === 'number' ? `carrier_${code}` : null
}

/** The sender's queue at the carrier is full: nothing was taken. */
function isQueueFull(text: string): boolean {
  return parseObject(text)?.code === 21_611
}

/** The carrier's errors 21000 to 21999 are about what a request asks for, a country that is closed for example. */
function isAboutTheCall(text: string): boolean {
  const code = parseObject(text)?.code
  return typeof code === 'number' && code >= 21_000 && code < 22_000
}

export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
