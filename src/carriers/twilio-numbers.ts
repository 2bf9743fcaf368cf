/** The part of the adapter that buys, releases and lists numbers. */
import {
  CarrierAway,
  type Capabilities,
  type Carrier,
  type CarrierNumber,
  type NumberSearch,
  type OfferedNumber,
  type Purchase,
} from './carrier.ts'
import type { Answer, Exchange, OneRequest } from './one-request.ts'
import { errorCode, isObject, maySid, parseObject, parsePage, retryAfter } from './twilio-answers.ts'

/** How the adapter asks. `attempt` never rejects; the others reject with CarrierAway. */
type Asking = {
  /** The path of the account's resources. */
  prefix: string
  /** An answer of success, or 404. */
  ask: (path: string) => Promise<Answer>
  exchange: (method: OneRequest['method'], path: string, form?: URLSearchParams) => Promise<Answer>
  attempt: (method: OneRequest['method'], path: string, form?: URLSearchParams) => Promise<Exchange>
  /** The path of a next page. Rejects one that is elsewhere with CarrierAway. */
  nextPath: (next: string) => string
}

type NumberMethods = Pick<
  Carrier,
  | 'callerIds'
  | 'findNumber'
  | 'countriesSold'
  | 'offeredNumbers'
  | 'buyNumber'
  | 'releaseNumber'
  | 'renameNumber'
>

const kinds = ['Local', 'Mobile', 'TollFree']
/** More than anybody looks through; digits narrow the list. */
const offeredPerKind = 50
const mostPages = 100
const filters: Record<keyof Capabilities, string> = {
  voice: 'VoiceEnabled',
  sms: 'SmsEnabled',
  mms: 'MmsEnabled',
  fax: 'FaxEnabled',
}

export function twilioNumbers({ prefix, ask, exchange, attempt, nextPath }: Asking): NumberMethods {
  async function list<Item>(path: string, key: string, read: (item: Json) => Item | null): Promise<Item[]> {
    return pagesFrom(await ask(`${prefix}/${path}`), key, read)
  }

  /** A compatible carrier may have no such resource: then there are none of its kind. */
  async function listIfAny<Item>(path: string, key: string, read: (item: Json) => Item | null) {
    const answer = await ask(`${prefix}/${path}`)
    return answer.status === 404 ? [] : pagesFrom(answer, key, read)
  }

  /** All pages: carriers give less at once than they are asked for. */
  async function pagesFrom<Item>(first: Answer, key: string, read: (item: Json) => Item | null) {
    const items: Item[] = []
    let answer = first
    for (let pages = 1; ; pages += 1) {
      const page = parsePage(answer.body, key, read)
      if (page === null) throw new CarrierAway('unreadable_answer')
      items.push(...page.items)
      if (page.next === null) return items
      if (pages === mostPages) throw new CarrierAway('too_many_pages')
      answer = await ask(nextPath(page.next))
    }
  }

  /** Null when the carrier sells no number of this kind there. */
  async function offeredKind(kind: string, search: NumberSearch): Promise<OfferedNumber[] | null> {
    const query = new URLSearchParams({ PageSize: String(offeredPerKind) })
    if (search.contains !== null) query.set('Contains', search.contains)
    for (const capability of search.capabilities) query.set(filters[capability], 'true')
    const path = `${prefix}/AvailablePhoneNumbers/${search.country}/${kind}.json?${query.toString()}`
    const answer = await ask(path)
    if (answer.status === 404) return null
    const page = parsePage(answer.body, 'available_phone_numbers', (item) =>
      parseOffered(item, search.country),
    )
    if (page === null) throw new CarrierAway('unreadable_answer')
    return page.items
  }

  return {
    async callerIds() {
      const [owned, verified] = await Promise.all([
        listIfAny('IncomingPhoneNumbers.json?PageSize=1000', 'incoming_phone_numbers', parseNumber),
        listIfAny('OutgoingCallerIds.json?PageSize=1000', 'outgoing_caller_ids', phoneNumberOf),
      ])
      return { owned, verified }
    },
    async findNumber(number) {
      const query = new URLSearchParams({ PhoneNumber: number, PageSize: '20' })
      const path = `IncomingPhoneNumbers.json?${query.toString()}`
      const found = await list(path, 'incoming_phone_numbers', parseNumber)
      return found.find((one) => one.number === number) ?? null
    },
    countriesSold: () =>
      list('AvailablePhoneNumbers.json', 'countries', (item) =>
        typeof item['country_code'] === 'string' ? item['country_code'] : null,
      ),
    async offeredNumbers(search) {
      const lists = await Promise.all(kinds.map((kind) => offeredKind(kind, search)))
      return lists.every((one) => one === null) ? null : lists.flatMap((one) => one ?? [])
    },
    async buyNumber({ number, friendlyName }) {
      const form = new URLSearchParams({ PhoneNumber: number, FriendlyName: friendlyName })
      return purchaseOf(await attempt('POST', `${prefix}/IncomingPhoneNumbers.json`, form), number)
    },
    async releaseNumber(sid) {
      const answer = await exchange('DELETE', `${prefix}/IncomingPhoneNumbers/${sid}.json`)
      const { status } = answer
      if (status === 404 || (status >= 200 && status < 300)) return { outcome: 'released' }
      if (provesNothing(status)) throw new CarrierAway(`http_${status}`)
      return { outcome: 'refused', reason: reasonIn(answer) }
    },
    async renameNumber(sid, friendlyName) {
      const form = new URLSearchParams({ FriendlyName: friendlyName })
      const { status } = await exchange('POST', `${prefix}/IncomingPhoneNumbers/${sid}.json`, form)
      if (status < 200 || status > 299) throw new CarrierAway(`http_${status}`)
    },
  }
}

/** What one exchange proves about a purchase. */
export function purchaseOf(exchange: Exchange, number: string): Purchase {
  if (!exchange.written)
    return { outcome: 'unavailable', reason: `not_sent_${exchange.reason}`, retryAfterMs: null }
  if (exchange.answer === null) return { outcome: 'unknown', reason: exchange.reason }
  const { answer } = exchange
  const { status } = answer
  if (status === 200 || status === 201) {
    const body = parseObject(answer.body)
    const bought = body === null ? null : parseNumber(body)
    if (bought === null || bought.number !== number)
      return { outcome: 'unknown', reason: 'unreadable_answer' }
    return { outcome: 'bought', number: bought }
  }
  if (status === 429)
    return { outcome: 'unavailable', reason: 'carrier_busy', retryAfterMs: retryAfter(answer) }
  if (provesNothing(status)) return { outcome: 'unknown', reason: `http_${status}` }
  return { outcome: 'refused', reason: reasonIn(answer) }
}

type Json = Record<string, unknown>

function provesNothing(status: number): boolean {
  return status < 400 || status >= 500 || status === 408 || status === 429
}

function reasonIn(answer: Answer): string {
  return errorCode(answer.body) ?? `carrier_http_${answer.status}`
}

function parseNumber(item: Json): CarrierNumber | null {
  const number = phoneNumberOf(item)
  const sid = item['sid']
  if (number === null || !maySid(sid)) return null
  return {
    sid,
    number,
    friendlyName: textOf(item['friendly_name']) || number,
    capabilities: capabilitiesOf(item['capabilities']),
    isPending: textOf(item['status']).toLowerCase() === 'pending',
    callUrl: textOf(item['voice_url']),
    callMethod: textOf(item['voice_method']) || 'POST',
  }
}

function parseOffered(item: Json, country: string): OfferedNumber | null {
  const number = phoneNumberOf(item)
  if (number === null) return null
  return {
    number,
    country: textOf(item['iso_country']) || country,
    friendlyName: textOf(item['friendly_name']) || number,
    locality: textOf(item['locality']) || null,
    capabilities: capabilitiesOf(item['capabilities']),
  }
}

/** In E.164: a compatible carrier may leave the plus out, or write the number for people. */
function phoneNumberOf(item: Json): string | null {
  const given = item['phone_number']
  if (typeof given !== 'string') return null
  const digits = given.replaceAll(/[\s().-]/g, '').replace(/^\+/, '')
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : given
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The carrier writes the names in capitals in one place and small in another. */
function capabilitiesOf(value: unknown): Capabilities {
  const given = isObject(value) ? value : {}
  const has = (name: string) => given[name] === true || given[name.toUpperCase()] === true
  return { voice: has('voice'), sms: has('sms'), mms: has('mms'), fax: has('fax') }
}
