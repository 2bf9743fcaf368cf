import type { ParsedUrlQuery } from 'node:querystring'
import { errorAnswer, resourceAnswer, type ApiAnswer } from './api-answer.ts'
import { isFinal, type Call, type CallRequest } from './call.ts'
import { talkEnding, type Ending } from './call-life.ts'
import { callResource } from './call-resource.ts'
import { isHttpUrl, methodOf, text } from './call-request.ts'
import { finishCall, runner } from './call-runner.ts'
import { interruptTalk, redirectTalk } from './talk.ts'
import type { Workshop } from './workshop.ts'

/** SIP's answer to a call that its caller took back. */
const SIP_TAKEN_BACK = 487

/** Answers `POST Calls/{CallSid}.json`: cancel, hang up, give other instructions, or change where it reports. */
export function updateCall(shop: Workshop, call: Call, form: ParsedUrlQuery): ApiAnswer {
  const status = text(form, 'Status')
  const url = text(form, 'Url')
  const twiml = text(form, 'Twiml')
  const statusCallback = text(form, 'StatusCallback')
  if (status !== null && status !== 'canceled' && status !== 'completed') {
    return errorAnswer(400, 20001, 'Status must be canceled or completed.')
  }
  for (const address of [url, statusCallback, text(form, 'FallbackUrl')]) {
    if (address !== null && !isHttpUrl(address)) return errorAnswer(400, 21205, `Not a valid URL: ${address}`)
  }
  const timeLimit = text(form, 'TimeLimit')
  if (timeLimit !== null && !/^\d{1,6}$/.test(timeLimit)) {
    return errorAnswer(400, 20001, 'TimeLimit must be a number of seconds.')
  }
  const redirects = url !== null || twiml !== null
  if (isFinal(call.status) || !call.live || (redirects && status === null && call.status !== 'in-progress')) {
    return errorAnswer(400, 21220, 'Call is not in-progress. Cannot redirect.')
  }
  applySettings(shop, call, form)
  if (status !== null) endByRequest(shop, call, status)
  else if (redirects) {
    shop.ledger.append({ event: 'updated', sid: call.sid, change: 'instructions' })
    const target = url === null ? { twiml: twiml ?? '' } : { url, method: methodOf(form, 'Method') }
    redirectTalk(shop, call, target, runner)
  }
  return resourceAnswer(200, callResource(call, shop.accountSid))
}

/** Taking back a call that is being talked on has no effect, as with the real carrier. */
function endByRequest(shop: Workshop, call: Call, status: 'canceled' | 'completed'): void {
  const talking = call.status === 'in-progress'
  if (talking && status === 'canceled') return
  shop.ledger.append({ event: 'updated', sid: call.sid, change: status })
  if (talking) {
    interruptTalk(shop, call)
    return finishCall(shop, call, talkEnding('request'))
  }
  const ending: Ending = {
    status: 'canceled',
    reason: 'the account took the call back',
    sipResponseCode: SIP_TAKEN_BACK,
    errorCode: null,
  }
  finishCall(shop, call, ending)
}

function applySettings(shop: Workshop, call: Call, form: ParsedUrlQuery): void {
  if (!call.live) return
  const statusCallback = text(form, 'StatusCallback')
  const timeLimit = text(form, 'TimeLimit')
  const fallbackUrl = text(form, 'FallbackUrl')
  if (statusCallback === null && timeLimit === null && fallbackUrl === null) return
  const settings: Partial<CallRequest> = {
    ...(statusCallback === null
      ? {}
      : { statusCallback, statusCallbackMethod: methodOf(form, 'StatusCallbackMethod') }),
    ...(timeLimit === null ? {} : { timeLimitSeconds: Number(timeLimit) }),
    ...(fallbackUrl === null ? {} : { fallbackUrl, fallbackMethod: methodOf(form, 'FallbackMethod') }),
  }
  call.live.request = { ...call.live.request, ...settings }
  shop.ledger.append({ event: 'updated', sid: call.sid, change: 'settings', settings })
}
