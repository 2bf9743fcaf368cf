import { randomUUID } from 'node:crypto'
import type { ParsedUrlQuery } from 'node:querystring'
import { resourceAnswer, writeAnswer } from './api-answer.ts'
import { breakAnswer } from './broken-answer.ts'
import { isHttpUrl, text as parameter, type Refusal } from './call-request.ts'
import { decideFate, refuse, turnAway, type Visit } from './create-call.ts'
import { dialsNobody, type RequestFate } from './faults.ts'
import { magicNumber } from './magic-numbers.ts'
import type { Text, TextRequest } from './text.ts'
import { planText } from './plan-text.ts'
import { textResource } from './text-resource.ts'
import { beginText } from './text-runner.ts'
import { segmentCount } from './text-segments.ts'
import type { Workshop } from './workshop.ts'

const MAX_BODY_CHARACTERS = 1600
/** A slow first callback holds the answer back no longer than this. */
const MAX_WAIT_FOR_CALLBACK_MS = 5000

/** Answers `POST Messages.json`, or fails to, as faults and magic numbers have it. */
export function createText(shop: Workshop, form: ParsedUrlQuery, visit: Visit): void {
  const to = parameter(form, 'To') ?? ''
  const magic = magicNumber(to)
  const fate = decideFate(shop, to, magic)
  const proceed = (): void => {
    if (dialsNobody(fate.fault)) return turnAway(shop, form, visit, fate)
    const checked = checkTextRequest(shop, form)
    if ('refused' in checked) return refuse(shop, form, visit, checked.refused)
    if (magic?.refusal) return refuse(shop, form, visit, magic.refusal)
    accept(shop, checked.request, (text) => {
      answer(shop, text, visit, fate)
    })
  }
  if (fate.acceptDelayMs > 0) shop.timers.after(fate.acceptDelayMs, proceed)
  else proceed()
}

/** Checks the form of a create request in the order in which the real carrier complains. */
function checkTextRequest(
  shop: Workshop,
  form: ParsedUrlQuery,
): { refused: Refusal } | { request: TextRequest } {
  const to = parameter(form, 'To')
  const from = parameter(form, 'From')
  const body = parameter(form, 'Body')
  const statusCallback = parameter(form, 'StatusCallback')
  if (to === null) return refused(21604, "A 'To' phone number is required.")
  if (from === null) return refused(21603, "A 'From' phone number is required.")
  if (!/^\+[1-9]\d{6,14}$/.test(to))
    return refused(21211, `The 'To' number ${to} is not a valid phone number.`)
  if (!shop.ownsNumber(from))
    return refused(21606, `The 'From' phone number ${from} is not a message-capable number of this account.`)
  if (body === null) return refused(21602, 'Message body is required.')
  if ([...body].length > MAX_BODY_CHARACTERS)
    return refused(21617, 'The concatenated message body exceeds the 1600 character limit.')
  if (statusCallback !== null && !isHttpUrl(statusCallback))
    return refused(21609, `The StatusCallback URL ${statusCallback} is not valid.`)
  return { request: { to, from, body, statusCallback } }
}

function refused(code: number, message: string): { refused: Refusal } {
  return { refused: { statusCode: 400, code, message } }
}

function accept(shop: Workshop, request: TextRequest, written: (text: Text) => void): void {
  const attempt = shop.texts.byTo(request.to).length + 1
  const now = shop.clock.now().getTime()
  const text: Text = {
    ...request,
    sid: `SM${randomUUID().replaceAll('-', '')}`,
    attempt,
    direction: 'outbound-api',
    segments: segmentCount(request.body),
    status: 'queued',
    errorCode: null,
    createdAt: now,
    updatedAt: now,
    sentAt: null,
    plan: planText(shop, request.to, attempt),
    heldCallback: null,
  }
  shop.texts.add(text)
  const { sid, segments } = text
  shop.ledger.append({ event: 'text-accepted', sid, attempt, segments, ...request }, () => {
    written(text)
  })
}

function answer(shop: Workshop, text: Text, visit: Visit, fate: RequestFate): void {
  const shown = textResource(text, shop.accountSid)
  const other = shop.texts.texts.find((known) => known !== text)?.sid ?? null
  const write = (): void => {
    if (breakAnswer(shop, { resource: shown, prefix: 'SM', other }, visit, fate)) return
    writeAnswer(visit.response, resourceAnswer(201, shown), shop.clock.now())
  }
  const later = (): void => {
    if (fate.answerDelayMs > 0) shop.timers.after(fate.answerDelayMs, write)
    else write()
  }
  if (fate.fault !== 'callback-before-answer') {
    later()
    return beginText(shop, text)
  }
  let answered = false
  const once = (): void => {
    if (answered) return
    answered = true
    later()
  }
  shop.timers.after(MAX_WAIT_FOR_CALLBACK_MS, once)
  beginText(shop, text, once)
}
