/**
 * The carrier's webhooks about texts: `POST /hooks/sms/{reference}/status`, and `POST /hooks/sms/inbound` with what people
 * write. Each is verified over its exact bytes and answered 2xx only after what it says is durable.
 */
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { overloaded } from '../db/group-commit.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { answerRaw, type RawAnswer, type RawHandler } from '../http/raw-requests.ts'
import { field, type CarrierForm } from '../carriers/carrier-form.ts'
import type { Carrier } from '../carriers/carrier.ts'
import { carrierTextState, mayTextSid } from '../carriers/twilio-answers.ts'
import { readForm, requireSignature, soonDurable } from '../calls/carrier-hooks.ts'
import { takeInbound } from './inbound.ts'
import type { QueueText } from './text-queue.ts'
import type { TextNews } from './text-report.ts'
import type { TextReferences } from './text-reference.ts'
import type { TextWriter } from './text-writer.ts'

export type SmsHookDeps = {
  sql: Sql
  carrier: Carrier
  carrierAccountId: number
  references: TextReferences
  writer: Pick<TextWriter, 'writeSoon' | 'backlog'>
  queueText: QueueText
  clock: Clock
  log: Log
  /** The origin the carrier was given, never the request's Host. */
  publicOrigin: () => string
  backlogLimit: number
}

const emptyTwiml = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

export function smsHooks(deps: SmsHookDeps): RawHandler {
  return (request, response) => {
    if (request.method !== 'POST' || !request.url?.startsWith('/hooks/sms/')) return false
    const { url } = request
    const [, reference] = /^\/hooks\/sms\/([\w-]{1,200})\/status\/?(?:\?|$)/.exec(url) ?? []
    const inbound = /^\/hooks\/sms\/inbound\/?(?:\?|$)/.test(url)
    if (reference === undefined && !inbound) return false
    const answer = async (): Promise<RawAnswer> => {
      const form = await readForm(request)
      requireSignature(deps, { url, form, signature: request.headers['x-twilio-signature'] })
      return reference === undefined ? takeText(deps, form) : takeStatus(deps, reference, form)
    }
    answerRaw(request, response, { answer, log: deps.log })
    return true
  }
}

async function takeStatus(deps: SmsHookDeps, reference: string, form: CarrierForm): Promise<RawAnswer> {
  const key = deps.references.decode(reference)
  if (key === null) throw unknownReference(reference, deps.log)
  if (deps.writer.backlog() > deps.backlogLimit) throw overloaded()
  const news = statusNews(form)
  const written = await deps.writer.writeSoon({ ...key, source: 'webhook', at: deps.clock.now(), news })
  if (written === 'unknown_text') throw unknownReference(key.textId, deps.log)
  return { status: 204 }
}

/** The answer says nothing: whatever we have to say is a text of ours, with its own intent. */
async function takeText(deps: SmsHookDeps, form: CarrierForm): Promise<RawAnswer> {
  const from = field(form, 'From') ?? ''
  const to = field(form, 'To') ?? ''
  if (from === '' || to === '')
    throw new AppError('invalid', 'missing_field', 'A text has From and To.', { param: 'From' })
  const inbound = {
    sid: sidOf(form),
    from,
    to,
    body: (field(form, 'Body') ?? '').replaceAll('\u0000', ''),
    optOut: field(form, 'OptOutType'),
  }
  await soonDurable(takeInbound(deps, inbound, deps.clock.now()))
  return { status: 200, type: 'text/xml; charset=utf-8', body: emptyTwiml }
}

function statusNews(form: CarrierForm): TextNews {
  const word = field(form, 'MessageStatus') ?? field(form, 'SmsStatus')
  const state = carrierTextState(word)
  const sid = sidOf(form)
  if (state === null) {
    const sentence = `"${word ?? ''}" is no status of a text.`
    throw new AppError('invalid', 'invalid_status', sentence, { param: 'MessageStatus' })
  }
  const code = (field(form, 'ErrorCode') ?? '').replace(/\W/g, '').slice(0, 20)
  return {
    kind: 'progress',
    sid,
    state,
    ...(code === '' || code === '0' ? {} : { reason: `carrier_${code}` }),
  }
}

function sidOf(form: CarrierForm): string {
  const sid = field(form, 'MessageSid') ?? field(form, 'SmsSid')
  if (mayTextSid(sid)) return sid
  throw new AppError('invalid', 'invalid_message_sid', `"${sid ?? ''}" is no id of a text.`, {
    param: 'MessageSid',
  })
}

function unknownReference(reference: string, log: Log): AppError {
  log.warn({ reference: reference.slice(0, 64) }, 'webhook about a text that does not exist')
  return new AppError('not_found', 'unknown_reference', 'There is no text of this reference.')
}
