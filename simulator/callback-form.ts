import { isFinal, type Call, type CallStatus } from './call.ts'
import type { Ending } from './call-life.ts'

/** What a status callback says. All values are strings, as they travel in a form. */
export type CallbackForm = Record<string, string>

export interface CallbackMoment {
  accountSid: string
  status: CallStatus
  sequence: number
  at: Date
  /** Only at the end of a call. */
  ending: Ending | null
}

/** The form parameters of a status callback, in the names of the real carrier. */
export function callbackForm(call: Call, moment: CallbackMoment): CallbackForm {
  const form = callForm(call, moment.accountSid, moment.status)
  form['CallbackSource'] = 'call-progress-events'
  form['SequenceNumber'] = String(moment.sequence)
  form['Timestamp'] = rfc2822(moment.at)
  if (isFinal(moment.status)) {
    const seconds = call.durationSeconds ?? 0
    form['CallDuration'] = String(seconds)
    form['Duration'] = String(Math.ceil(seconds / 60))
  }
  if (moment.ending) {
    form['SipResponseCode'] = String(moment.ending.sipResponseCode)
    if (moment.ending.errorCode !== null) form['ErrorCode'] = String(moment.ending.errorCode)
  }
  return form
}

/** The parameters that describe a call in every request about it: callbacks and fetches of instructions. */
export function callForm(call: Call, accountSid: string, status: CallStatus): CallbackForm {
  const form: CallbackForm = {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    CallSid: call.sid,
    CallStatus: status,
    Called: call.to,
    Caller: call.from,
    Direction: call.parentSid === null ? 'outbound-api' : 'outbound-dial',
    From: call.from,
    To: call.to,
  }
  if (call.parentSid !== null) form['ParentCallSid'] = call.parentSid
  if (call.answeredBy) form['AnsweredBy'] = call.answeredBy
  return form
}

/** A date in the form the carrier uses everywhere: `Fri, 20 Nov 2026 18:28:10 +0000`. */
export function rfc2822(date: Date): string {
  return `${date.toUTCString().slice(0, -3)}+0000`
}
