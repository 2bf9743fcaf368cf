import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { parse, type ParsedUrlQuery } from 'node:querystring'
import { accountResource, ownedNumberResource, verifiedNumberResource } from './account-resources.ts'
import {
  errorAnswer,
  notAuthenticated,
  notFound,
  resourceAnswer,
  writeAnswer,
  type ApiAnswer,
} from './api-answer.ts'
import { findCalls } from './call-list.ts'
import { callResource } from './call-resource.ts'
import { text } from './call-request.ts'
import { createCall, type Visit } from './create-call.ts'
import { answerConference } from './conference-resource.ts'
import { createText } from './create-text.ts'
import { answerAvailable, answerNumber, buyNumber, releaseNumber, updateNumber } from './number-routes.ts'
import { pageOf, readPageRequest } from './paging.ts'
import { answerRecording, deleteRecording } from './recording-routes.ts'
import { findTexts } from './text-list.ts'
import { textResource } from './text-resource.ts'
import { readForm } from './request-body.ts'
import { updateCall } from './update-call.ts'
import type { Workshop } from './workshop.ts'

const ROOT = '/2010-04-01/Accounts/'

/** Answers a request to the carrier's API. The paths served are those of `answerGet` and `answerPost`. */
export async function answerApi(
  shop: Workshop,
  visit: Visit,
  path: string,
  query: ParsedUrlQuery,
): Promise<void> {
  const { request } = visit
  const form = request.method === 'POST' ? await readForm(request) : null
  const now = (): Date => shop.clock.now()
  const send = (answer: ApiAnswer): void => {
    writeAnswer(visit.response, answer, now())
  }
  if (!isAuthenticated(shop, request)) return send(notAuthenticated())
  const within = insideAccount(shop, path)
  if (within === null) return send(notFound(path))
  if (request.method === 'POST') {
    if (form === null) return send(errorAnswer(415, 20415, 'The body must be a form.'))
    if (within === 'Calls.json') return createCall(shop, form, visit)
    if (within === 'Messages.json') return createText(shop, form, visit)
    if (within === 'IncomingPhoneNumbers.json') return buyNumber(shop, form, visit)
  }
  // A single percentage governs all routes for the switches that do not depend on a created call.
  const everywhere = shop.faults.get().percent
  if (everywhere.down === 100) return send(errorAnswer(503, 20503, 'Service unavailable'))
  if (everywhere.unauthorized === 100) return send(notAuthenticated())
  const answer = answerMethod(shop, { method: request.method ?? '', within, query, form })
  // Nothing is told before it is in the ledger.
  await shop.ledger.settled()
  send(answer ?? notFound(path))
}

type Asked = { method: string; within: string; query: ParsedUrlQuery; form: ParsedUrlQuery | null }

function answerMethod(shop: Workshop, { method, within, query, form }: Asked): ApiAnswer | null {
  if (method === 'GET') return answerGet(shop, within, query)
  if (method === 'POST' && form) return answerPost(shop, within, form)
  if (method === 'DELETE') return deleteRecording(shop, within) ?? releaseNumber(shop, within)
  return errorAnswer(405, 20004, `Method ${method} is not allowed`)
}

function answerGet(shop: Workshop, within: string, query: ParsedUrlQuery): ApiAnswer | null {
  switch (within) {
    case '':
      return resourceAnswer(200, accountResource(shop.accountSid, shop.openedAt))
    case 'Calls.json':
      return listCalls(shop, query)
    case 'Messages.json':
      return listTexts(shop, query)
    case 'IncomingPhoneNumbers.json':
      return listNumbers(shop, query, 'owned')
    case 'OutgoingCallerIds.json':
      return listNumbers(shop, query, 'verified')
    default: {
      const call = shop.book.bySid(callSid(within) ?? '')
      if (call) return resourceAnswer(200, callResource(call, shop.accountSid))
      const sent = shop.texts.bySid(textSid(within) ?? '')
      if (sent) return resourceAnswer(200, textResource(sent, shop.accountSid))
      return (
        answerRecording(shop, within, query) ??
        answerNumber(shop, within) ??
        answerAvailable(shop, within, query) ??
        answerConference(shop, within, query)
      )
    }
  }
}

function answerPost(shop: Workshop, within: string, form: ParsedUrlQuery): ApiAnswer | null {
  const call = shop.book.bySid(callSid(within) ?? '')
  return call ? updateCall(shop, call, form) : updateNumber(shop, within, form)
}

function listCalls(shop: Workshop, query: ParsedUrlQuery): ApiAnswer {
  const visibleUntil = shop.clock.now().getTime() - shop.faults.get().listLagSeconds * 1000
  const page = pageOf(findCalls(shop.book, query, visibleUntil), readPageRequest(query), {
    name: 'calls',
    path: `${ROOT}${shop.accountSid}/Calls.json`,
    query,
    sidOf: (call) => call.sid,
    show: (call) => callResource(call, shop.accountSid),
  })
  return resourceAnswer(200, page)
}

function listTexts(shop: Workshop, query: ParsedUrlQuery): ApiAnswer {
  const visibleUntil = shop.clock.now().getTime() - shop.faults.get().listLagSeconds * 1000
  const page = pageOf(findTexts(shop.texts, query, visibleUntil), readPageRequest(query), {
    name: 'messages',
    path: `${ROOT}${shop.accountSid}/Messages.json`,
    query,
    sidOf: (one) => one.sid,
    show: (one) => textResource(one, shop.accountSid),
  })
  return resourceAnswer(200, page)
}

function listNumbers(shop: Workshop, query: ParsedUrlQuery, kind: 'owned' | 'verified'): ApiAnswer {
  const asked = text(query, 'PhoneNumber')
  const matching = shop.numbers.numbers.filter(
    (number) => number.kind === kind && (asked === null || number.phoneNumber.includes(asked)),
  )
  const owned = kind === 'owned'
  const page = pageOf(matching, readPageRequest(query), {
    name: owned ? 'incoming_phone_numbers' : 'outgoing_caller_ids',
    path: `${ROOT}${shop.accountSid}/${owned ? 'IncomingPhoneNumbers' : 'OutgoingCallerIds'}.json`,
    query,
    sidOf: (number) => number.sid,
    show: (number) =>
      owned
        ? ownedNumberResource(number, shop.accountSid, shop.clock.now())
        : verifiedNumberResource(number, shop.accountSid),
  })
  return resourceAnswer(200, page)
}

/** The rest of a path that lies inside this account: `Calls.json`; empty for the account; null outside. */
function insideAccount(shop: Workshop, path: string): string | null {
  const account = `${ROOT}${shop.accountSid}`
  if (path === `${account}.json`) return ''
  return path.startsWith(`${account}/`) ? path.slice(account.length + 1) : null
}

function callSid(within: string): string | null {
  return /^Calls\/(CA[0-9a-fA-F]{32})\.json$/.exec(within)?.[1] ?? null
}

function textSid(within: string): string | null {
  return /^Messages\/(SM[0-9a-fA-F]{32})\.json$/.exec(within)?.[1] ?? null
}

function isAuthenticated(shop: Workshop, request: IncomingMessage): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  return given.length === shop.credentials.length && timingSafeEqual(given, shop.credentials)
}

/** Splits a request's target into path and query. Names such as `StartTime>` arrive as they are, or escaped. */
export function splitTarget(target: string): { path: string; query: ParsedUrlQuery } {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: {} }
  return { path: target.slice(0, mark), query: parse(target.slice(mark + 1)) }
}
