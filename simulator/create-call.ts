import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ParsedUrlQuery } from 'node:querystring'
import { errorAnswer, notAuthenticated, resourceAnswer, writeAnswer } from './api-answer.ts'
import { startLife, type Call, type CallRequest } from './call.ts'
import { readExtras } from './call-extras.ts'
import { callResource } from './call-resource.ts'
import { checkCallRequest, sparse, text, type Refusal } from './call-request.ts'
import { beginCall } from './call-runner.ts'
import { decideRequest, dialsNobody, type RequestFate } from './faults.ts'
import { breakAnswer } from './broken-answer.ts'
import { magicNumber, type MagicNumber } from './magic-numbers.ts'
import { planOf } from './person.ts'
import { seededDraw } from './random.ts'
import type { Workshop } from './workshop.ts'

/** A create request on its way, with the connection it came by. */
export interface Visit {
  request: IncomingMessage
  response: ServerResponse
}

/** A slow `initiated` callback holds the answer back no longer than this. */
const MAX_WAIT_FOR_CALLBACK_MS = 5000

/** Answers `POST Calls.json`, or fails to, as faults and magic numbers have it. */
export function createCall(shop: Workshop, form: ParsedUrlQuery, visit: Visit): void {
  const to = text(form, 'To') ?? ''
  const magic = magicNumber(to)
  const fate = decideFate(shop, to, magic)
  const proceed = (): void => {
    if (dialsNobody(fate.fault)) return turnAway(shop, form, visit, fate)
    const refusal = findRefusal(shop, form, magic)
    if ('refused' in refusal) return refuse(shop, form, visit, refusal.refused)
    accept(shop, refusal.request, magic, (call) => {
      answer(shop, call, visit, fate)
    })
  }
  if (fate.acceptDelayMs > 0) shop.timers.after(fate.acceptDelayMs, proceed)
  else proceed()
}

/** What becomes of this request: by its number, else by the switches. */
export function decideFate(shop: Workshop, to: string, magic: MagicNumber | null): RequestFate {
  const settings = shop.faults.get()
  const visits = shop.countVisit(to)
  // The magic 429 hits every other request, so that the same request made again is accepted.
  const forced = magic?.requestFault === '429' && visits % 2 === 0 ? null : (magic?.requestFault ?? null)
  return decideRequest(settings, seededDraw(shop.seed, to, visits, 'request'), forced)
}

function findRefusal(
  shop: Workshop,
  form: ParsedUrlQuery,
  magic: MagicNumber | null,
): { refused: Refusal } | { request: CallRequest } {
  const checked = checkCallRequest(form, (number) => shop.numbers.isCallerId(number, shop.clock.now()))
  if (!checked.ok) return { refused: checked.refusal }
  const extras = readExtras(form)
  if ('refusal' in extras) return { refused: extras.refusal }
  if (magic?.refusal) return { refused: magic.refusal }
  const { moneyForCalls } = shop.faults.get()
  if (moneyForCalls !== null && shop.book.calls.length >= moneyForCalls) {
    return {
      refused: { statusCode: 403, code: 20005, message: 'Account not active: the balance is used up.' },
    }
  }
  return { request: { ...checked.request, ...extras.extras } }
}

/** Tells the account why it is not done. */
export function refuse(shop: Workshop, form: ParsedUrlQuery, visit: Visit, refusal: Refusal): void {
  const { statusCode, code, message } = refusal
  record(shop, form, { statusCode, code, reason: message }, () => {
    writeAnswer(visit.response, errorAnswer(statusCode, code, message), shop.clock.now())
  })
}

/** The faults after which nobody is dialed or texted. */
export function turnAway(shop: Workshop, form: ParsedUrlQuery, visit: Visit, fate: RequestFate): void {
  const serverErrors = [500, 502, 503, 504]
  const statusCode = serverErrors[Math.floor(fate.variant * serverErrors.length)] ?? 500
  const answers = {
    down: errorAnswer(503, 20503, 'Service unavailable'),
    unauthorized: notAuthenticated(),
    '429': errorAnswer(429, 20429, 'Too Many Requests', { 'retry-after': String(fate.retryAfterSeconds) }),
    '500-without': errorAnswer(statusCode, 20500, 'Internal Server Error'),
    redirect: { statusCode: fate.variant < 0.5 ? 307 : 302, body: '', headers: { location: '/moved' } },
  }
  const fault = fate.fault ?? ''
  const chosen = Object.entries(answers).find(([name]) => name === fault)?.[1]
  record(shop, form, { statusCode: chosen?.statusCode ?? 0, code: 0, reason: fault }, () => {
    if (chosen) writeAnswer(visit.response, chosen, shop.clock.now())
    else visit.request.socket.resetAndDestroy()
  })
}

function record(
  shop: Workshop,
  form: ParsedUrlQuery,
  refusal: { statusCode: number; code: number; reason: string },
  written: () => void,
): void {
  const numbers = { to: text(form, 'To') ?? '', from: text(form, 'From') ?? '' }
  shop.ledger.append({ event: 'refused', ...numbers, ...refusal }, written)
}

function accept(
  shop: Workshop,
  request: CallRequest,
  magic: MagicNumber | null,
  written: (call: Call) => void,
): void {
  const attempt = shop.book.byTo(request.to).length + 1
  const now = shop.clock.now().getTime()
  const call: Call = {
    sid: `CA${randomUUID().replaceAll('-', '')}`,
    to: request.to,
    from: request.from,
    parentSid: null,
    attempt,
    status: 'queued',
    createdAt: now,
    updatedAt: now,
    startedAt: null,
    answeredAt: null,
    endedAt: null,
    durationSeconds: null,
    answeredBy: null,
    queueMs: 0,
    live: startLife(request, planOf(shop, request.to, attempt), magic),
  }
  shop.book.add(call)
  shop.ledger.append({ event: 'accepted', sid: call.sid, attempt, ...sparse(request) }, () => {
    written(call)
  })
}

function answer(shop: Workshop, call: Call, visit: Visit, fate: RequestFate): void {
  const write = (): void => {
    if (breakAnswer(shop, broken, visit, fate)) return
    writeAnswer(visit.response, resource, shop.clock.now())
  }
  const shown = callResource(call, shop.accountSid)
  const resource = resourceAnswer(201, shown)
  const other = shop.book.calls.find((known) => known !== call)?.sid ?? null
  const broken = { resource: shown, prefix: 'CA', other }
  const later = (): void => {
    if (fate.answerDelayMs > 0) shop.timers.after(fate.answerDelayMs, write)
    else write()
  }
  if (fate.fault !== 'callback-before-answer') {
    later()
    return beginCall(shop, call)
  }
  let answered = false
  const once = (): void => {
    if (answered) return
    answered = true
    later()
  }
  shop.timers.after(MAX_WAIT_FOR_CALLBACK_MS, once)
  beginCall(shop, call, once)
}
