import { sign } from './signature.mjs'

/** The four callbacks of a call that is answered, in the order in which the carrier sends them. */
export const lifeOfCall = ['initiated', 'ringing', 'in-progress', 'completed']

/**
 * One signed status callback as the bytes of an HTTP/1.1 request.
 * `target` is a URL object of the callback, `url` the text that was given (the signature covers that text).
 * The pairs are written in sorted order, so that signing needs no sort of its own.
 */
export function statusCallback({ target, url, call, sequence, authToken }) {
  const status = lifeOfCall[sequence]
  const completed = status === 'completed'
  const timestamp = callbackTime()
  const text =
    `${url}AccountSid${call.accountSid}ApiVersion2010-04-01` +
    (completed ? 'CallDuration42' : '') +
    `CallSid${call.sid}CallStatus${status}CallbackSourcecall-progress-eventsCalled${call.to}Caller${call.from}` +
    `Directionoutbound-api${completed ? 'Duration1' : ''}From${call.from}SequenceNumber${sequence}` +
    `Timestamp${timestamp.plain}To${call.to}`
  const to = encodeURIComponent(call.to)
  const from = encodeURIComponent(call.from)
  const body =
    `AccountSid=${call.accountSid}&ApiVersion=2010-04-01` +
    (completed ? '&CallDuration=42' : '') +
    `&CallSid=${call.sid}&CallStatus=${status}&CallbackSource=call-progress-events&Called=${to}&Caller=${from}` +
    `&Direction=outbound-api${completed ? '&Duration=1' : ''}&From=${from}&SequenceNumber=${sequence}` +
    `&Timestamp=${timestamp.encoded}&To=${to}`
  return (
    `POST ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${target.host}\r\n` +
    'User-Agent: TwilioProxy/1.1\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n' +
    `Content-Length: ${body.length}\r\nX-Twilio-Signature: ${sign(authToken, text)}\r\n\r\n${body}`
  )
}

let second = 0
let formatted = { plain: '', encoded: '' }

/** RFC 2822, whole seconds: written once a second, because formatting it costs more than signing. */
function callbackTime() {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    const plain = new Date(now * 1000).toUTCString().replace('GMT', '+0000')
    formatted = { plain, encoded: encodeURIComponent(plain) }
  }
  return formatted
}
