import type { ParsedUrlQuery } from 'node:querystring'
import { ownedNumberResource, type CallerNumber } from './account-resources.ts'
import { errorAnswer, notAuthenticated, resourceAnswer, writeAnswer, type ApiAnswer } from './api-answer.ts'
import { text } from './call-request.ts'
import type { Visit } from './create-call.ts'
import { decideRequest, dialsNobody, type RequestFate } from './faults.ts'
import { PENDING_MS } from './number-book.ts'
import {
  boughtNumber,
  containsPattern,
  COUNTRIES,
  NUMBER_KINDS,
  numberMagic,
  OFFERED,
  type NumberKind,
  type OfferedNumber,
} from './number-market.ts'
import { pageOf, readPageRequest } from './paging.ts'
import { seededDraw } from './random.ts'
import type { Workshop } from './workshop.ts'

/** What is for sale: the countries, or the numbers of one kind in one of them. Null outside of these paths. */
export function answerAvailable(shop: Workshop, within: string, query: ParsedUrlQuery): ApiAnswer | null {
  const uri = `/2010-04-01/Accounts/${shop.accountSid}/${within}`
  if (within === 'AvailablePhoneNumbers.json') {
    const countries = Object.keys(COUNTRIES).map((code) => countryResource(shop, code))
    return resourceAnswer(200, { countries, uri })
  }
  const [, country = '', kind = ''] = /^AvailablePhoneNumbers\/([A-Z]{2})\/(\w+)\.json$/.exec(within) ?? []
  const offered = OFFERED.filter((number) => number.country === country && number.kind === kind)
  if (offered.length === 0) return null
  const wanted = offered.filter((number) => isFree(shop, number) && suits(number, query))
  const page = pageOf(wanted, readPageRequest(query), {
    name: 'available_phone_numbers',
    path: uri,
    query,
    sidOf: (number) => number.phoneNumber,
    show: availableResource,
  })
  return resourceAnswer(200, page)
}

/** Answers `POST IncomingPhoneNumbers.json`, or fails to, as the switches have it. */
export function buyNumber(shop: Workshop, form: ParsedUrlQuery, visit: Visit): void {
  const phoneNumber = text(form, 'PhoneNumber') ?? ''
  const draw = seededDraw(shop.seed, phoneNumber, shop.countVisit(`number ${phoneNumber}`), 'number')
  const fate = decideRequest(shop.faults.get(), draw)
  const write = (answer: ApiAnswer): void => {
    writeAnswer(visit.response, answer, shop.clock.now())
  }
  const proceed = (): void => {
    const refusal = refusalOf(shop, phoneNumber, fate)
    if (refusal) {
      const { answer, reason } = refusal
      const statusCode = answer?.statusCode ?? 0
      shop.ledger.append({ event: 'number-refused', phoneNumber, statusCode, reason }, () => {
        if (answer) write(answer)
        else visit.request.socket.resetAndDestroy()
      })
      return
    }
    const number = sell(shop, phoneNumber, text(form, 'FriendlyName'))
    const { sid, friendlyName } = number
    shop.ledger.append({ event: 'number-bought', sid, phoneNumber, friendlyName }, () => {
      shop.timers.after(fate.answerDelayMs, () => {
        answerBought(shop, number, visit, fate)
      })
    })
  }
  if (fate.acceptDelayMs > 0) shop.timers.after(fate.acceptDelayMs, proceed)
  else proceed()
}

/** Answers `POST IncomingPhoneNumbers/{sid}.json`: changes what was sent. Null when there is no such number. */
export function updateNumber(shop: Workshop, within: string, form: ParsedUrlQuery): ApiAnswer | null {
  const number = shop.numbers.bySid(numberSid(within) ?? '')
  if (number?.kind !== 'owned') return null
  const settings = {
    friendlyName: text(form, 'FriendlyName') ?? number.friendlyName,
    voiceUrl: text(form, 'VoiceUrl') ?? number.voiceUrl,
    voiceMethod: text(form, 'VoiceMethod') ?? number.voiceMethod,
    smsUrl: text(form, 'SmsUrl') ?? number.smsUrl,
    smsMethod: text(form, 'SmsMethod') ?? number.smsMethod,
  }
  Object.assign(number, settings)
  shop.ledger.append({ event: 'number-updated', sid: number.sid, settings })
  return resourceAnswer(200, ownedNumberResource(number, shop.accountSid, shop.clock.now()))
}

/** Answers `DELETE IncomingPhoneNumbers/{sid}.json`. Null when there is no such number. */
export function releaseNumber(shop: Workshop, within: string): ApiAnswer | null {
  const number = shop.numbers.bySid(numberSid(within) ?? '')
  if (number?.kind !== 'owned') return null
  if (numberMagic(number.phoneNumber) === 'in-use') {
    return errorAnswer(409, 20409, `The phone number ${number.phoneNumber} is in use and cannot be released.`)
  }
  shop.numbers.remove(number.sid)
  const { sid, phoneNumber } = number
  shop.ledger.append({ event: 'number-released', sid, phoneNumber })
  return { statusCode: 204, body: '' }
}

/** One number of the account. Null outside of these paths and when there is no such number. */
export function answerNumber(shop: Workshop, within: string): ApiAnswer | null {
  const number = shop.numbers.bySid(numberSid(within) ?? '')
  if (number?.kind !== 'owned') return null
  return resourceAnswer(200, ownedNumberResource(number, shop.accountSid, shop.clock.now()))
}

function numberSid(within: string): string | null {
  return /^IncomingPhoneNumbers\/(PN[0-9a-f]{32})\.json$/i.exec(within)?.[1] ?? null
}

function isFree(shop: Workshop, { phoneNumber }: OfferedNumber): boolean {
  const isOurs = shop.numbers.numbers.some((number) => number.phoneNumber === phoneNumber)
  return !isOurs && !shop.numbers.isTaken(phoneNumber)
}

function suits(number: OfferedNumber, query: ParsedUrlQuery): boolean {
  const contains = text(query, 'Contains')
  if (contains !== null && !containsPattern(number.phoneNumber, contains)) return false
  const area = text(query, 'AreaCode')
  if (area !== null && !number.phoneNumber.startsWith(`+1${area}`)) return false
  const { voice, sms, mms, fax } = number.capabilities
  return (
    fits(voice, text(query, 'VoiceEnabled')) &&
    fits(sms, text(query, 'SmsEnabled')) &&
    fits(mms, text(query, 'MmsEnabled')) &&
    fits(fax, text(query, 'FaxEnabled'))
  )
}

function fits(has: boolean, wanted: string | null): boolean {
  return wanted === null || has === (wanted === 'true')
}

/** Why a number is not sold, as the answer and as the ledger has it; a null answer is a broken connection. */
function refusalOf(
  shop: Workshop,
  phoneNumber: string,
  fate: RequestFate,
): { answer: ApiAnswer | null; reason: string } | null {
  if (dialsNobody(fate.fault)) return { answer: turnedAway(fate), reason: fate.fault ?? '' }
  if (phoneNumber === '') {
    return { answer: errorAnswer(400, 21421, 'PhoneNumber is missing.'), reason: 'missing' }
  }
  const offered = OFFERED.find((number) => number.phoneNumber === phoneNumber)
  const magic = numberMagic(phoneNumber)
  if (magic === 'error')
    return { answer: errorAnswer(500, 20500, 'Internal Server Error'), reason: 'carrier error' }
  if (magic === 'taken') shop.numbers.take(phoneNumber)
  if (offered && isFree(shop, offered)) return null
  const sentence = `The phone number ${phoneNumber} is not available.`
  return { answer: errorAnswer(400, 21422, sentence), reason: magic === 'taken' ? 'taken' : 'not available' }
}

function turnedAway(fate: RequestFate): ApiAnswer | null {
  switch (fate.fault) {
    case 'reset-before':
      return null
    case 'unauthorized':
      return notAuthenticated()
    case '429':
      return errorAnswer(429, 20429, 'Too Many Requests', { 'retry-after': String(fate.retryAfterSeconds) })
    default:
      return errorAnswer(503, 20503, 'Service unavailable')
  }
}

function sell(shop: Workshop, phoneNumber: string, friendlyName: string | null): CallerNumber {
  const offered = OFFERED.find((one) => one.phoneNumber === phoneNumber)
  if (!offered) throw new Error(`${phoneNumber} is not for sale.`)
  const names = { friendlyName, pendingMs: PENDING_MS / shop.speed }
  const number = boughtNumber(offered, shop.clock.now(), names)
  shop.numbers.add(number)
  return number
}

/** The number is the account's whatever becomes of the answer. */
function answerBought(shop: Workshop, number: CallerNumber, visit: Visit, fate: RequestFate): void {
  const whole = resourceAnswer(201, ownedNumberResource(number, shop.accountSid, shop.clock.now()))
  switch (fate.fault) {
    case '500-with-acceptance':
      return writeAnswer(visit.response, errorAnswer(500, 20500, 'Internal Server Error'), shop.clock.now())
    case 'reset-after':
      return void visit.request.socket.resetAndDestroy()
    case 'accept-then-silent':
      return
    case 'garbage-201':
    case 'endless-answer':
      return writeAnswer(visit.response, { ...whole, body: whole.body.slice(0, 40) }, shop.clock.now())
    default:
      return writeAnswer(visit.response, whole, shop.clock.now())
  }
}

function countryResource(shop: Workshop, code: string): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${shop.accountSid}/AvailablePhoneNumbers/${code}`
  const kinds = NUMBER_KINDS.filter((kind) =>
    OFFERED.some((number) => number.country === code && number.kind === kind),
  )
  return {
    country_code: code,
    country: COUNTRIES[code],
    uri: `${uri}.json`,
    beta: false,
    subresource_uris: Object.fromEntries(kinds.map((kind) => [memberOf(kind), `${uri}/${kind}.json`])),
  }
}

function memberOf(kind: NumberKind): string {
  return kind === 'TollFree' ? 'toll_free' : kind.toLowerCase()
}

function availableResource(number: OfferedNumber): Record<string, unknown> {
  return {
    friendly_name: number.phoneNumber,
    phone_number: number.phoneNumber,
    lata: null,
    locality: number.locality,
    rate_center: null,
    latitude: null,
    longitude: null,
    region: number.region,
    postal_code: null,
    iso_country: number.country,
    address_requirements: 'none',
    beta: false,
    capabilities: number.capabilities,
  }
}
