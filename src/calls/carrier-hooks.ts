/**
 * The carrier's webhooks. Each is verified over its exact bytes, becomes a report, and is answered 2xx only after that
 * report is durable. What is said on the phone is answered here too.
 */
import type { IncomingMessage } from 'node:http'
import { failpoint } from '../failpoint.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { durableWithinMs, overloaded } from '../db/group-commit.ts'
import type { Sql } from '../db/sql.ts'
import { answerRaw, readRawBody, type RawAnswer, type RawHandler } from '../http/raw-requests.ts'
import { field, readCarrierForm, type CarrierForm } from '../carriers/carrier-form.ts'
import type { Carrier } from '../carriers/carrier.ts'
import { carrierState, mayRecordingSid, maySid } from '../carriers/twilio-answers.ts'
import { hangUpTwiml } from '../carriers/twiml.ts'
import type { CallName, References } from './call-reference.ts'
import type { News } from './report.ts'
import { noteVisit } from './room-store.ts'
import type { ReportWriter } from './report-writer.ts'

/** A form of a status report is far below a kilobyte. */
const hookPrefix = '/hooks/voice/'
const abouts = ['status', 'heard', 'joined', 'gather', 'amd', 'recording', 'room']
const hookPattern = new RegExp(`^${hookPrefix}([\\w-]{1,200})(?:/(${abouts.join('|')}))?/?(?:\\?|$)`)
const twimlType = 'text/xml; charset=utf-8'
const hookBodyLimit = 64 * 1024

export type HookDeps = {
  sql: Sql
  carrier: Carrier
  references: References
  writer: ReportWriter
  clock: Clock
  log: Log
  /** The origin the carrier was given, never the request's Host. */
  publicOrigin: () => string
  /** Instructions for a call whose message did not fit into the request that placed it. Null: nothing to say. */
  instructionsFor: (name: CallName) => Promise<string | null>
  /** What is heard once a key was pressed and kept. */
  answerKey: (name: CallName, digits: string) => Promise<string>
  backlogLimit: number
}

/** Answers the webhooks of calls: `POST /hooks/voice/{reference}`, and what stands behind it in `abouts`. */
export function carrierHooks(deps: HookDeps): RawHandler {
  return (request, response) => {
    if (request.method !== 'POST' || !request.url?.startsWith(hookPrefix)) return false
    const { url } = request
    const match = hookPattern.exec(url)
    const [, reference, about] = match ?? []
    if (reference === undefined) return false
    const answer = () => answerHook(deps, request, { url, reference, about })
    answerRaw(request, response, { answer, log: deps.log })
    return true
  }
}

type Addressed = { url: string; reference: string; about: string | undefined }

async function answerHook(
  deps: HookDeps,
  request: IncomingMessage,
  { url, reference, about }: Addressed,
): Promise<RawAnswer> {
  const form = await readForm(request)
  const name = verified({ url, form, reference, signature: request.headers['x-twilio-signature'] }, deps)
  switch (about) {
    case 'status':
      return take(deps, name, statusNews(form))
    case 'amd':
      return take(deps, name, detectionNews(form, url))
    case 'recording':
      return take(deps, name, recordingNews(form))
    case 'joined':
      return takeJoined(deps, name, form)
    case 'room':
      return takeVisit(deps, name, form)
    case 'gather':
      return takeKey(deps, name, form)
    default:
      return speak(deps, name, about === 'heard' ? form : null)
  }
}

const noContent: RawAnswer = { status: 204 }

async function take(deps: HookDeps, name: CallName, news: News | null): Promise<RawAnswer> {
  if (news !== null) await durable(deps, name, news)
  return noContent
}

/** The key is kept, and who opted out is on the do-not-call list, before anything is answered. */
async function takeKey(deps: HookDeps, name: CallName, form: CarrierForm): Promise<RawAnswer> {
  const digits = field(form, 'Digits') ?? ''
  if (!/^[0-9*#]{1,20}$/.test(digits)) {
    const sentence = `"${digits.slice(0, 40)}" is no key of a telephone.`
    throw new AppError('invalid', 'invalid_digits', sentence, { param: 'Digits' })
  }
  await durable(deps, name, { kind: 'pressed', sid: sidOf(form), digits })
  return { status: 200, type: twimlType, body: await deps.answerKey(name, digits) }
}

/** How the call ended that an agent was joined with; then the agent's own ends. */
async function takeJoined(deps: HookDeps, name: CallName, form: CarrierForm): Promise<RawAnswer> {
  await durable(deps, name, joinedNews(form))
  return { status: 200, type: twimlType, body: hangUpTwiml }
}

/** Who came into the conference of a room, or left it. What else happens there follows from that. */
async function takeVisit(deps: HookDeps, told: CallName, form: CarrierForm): Promise<RawAnswer> {
  const kind = visitKinds[field(form, 'StatusCallbackEvent') ?? '']
  if (kind === undefined) return noContent
  const conferenceSid = field(form, 'ConferenceSid')
  if (!maySid(conferenceSid))
    throw new AppError(
      'invalid',
      'invalid_conference_sid',
      `"${conferenceSid ?? ''}" is no id of a conference.`,
      {
        param: 'ConferenceSid',
      },
    )
  const visit = { told, conferenceSid, callSid: sidOf(form), kind, at: deps.clock.now() }
  await soonDurable(noteVisit(deps.sql, visit))
  return noContent
}

const visitKinds: Record<string, 'join' | 'leave' | undefined> = {
  'participant-join': 'join',
  'participant-leave': 'leave',
}

/** What is said next: the message when the call begins, nothing more once it was heard. */
async function speak(deps: HookDeps, name: CallName, heard: CarrierForm | null): Promise<RawAnswer> {
  if (heard) await durable(deps, name, { kind: 'heard', sid: sidOf(heard) })
  const body = heard ? hangUpTwiml : ((await deps.instructionsFor(name)) ?? hangUpTwiml)
  return { status: 200, type: twimlType, body }
}

/** The form of a webhook, as it was sent. Throws unsupported_media for anything else. */
export async function readForm(request: IncomingMessage): Promise<CarrierForm> {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new AppError(
      'unsupported_media',
      'unsupported_media_type',
      'A webhook is a form: application/x-www-form-urlencoded.',
    )
  }
  return readCarrierForm(await readRawBody(request, hookBodyLimit))
}

type Signed = { url: string; form: CarrierForm; reference: string; signature: string | string[] | undefined }

/** The call that a signed request names. 403 when the signature is wrong, 404 when the name is none of ours. */
function verified({ url, form, reference, signature }: Signed, deps: HookDeps): CallName {
  requireSignature(deps, { url, form, signature })
  const name = deps.references.decode(reference)
  if (name === null) throw unknownReference(reference, deps.log)
  if (deps.writer.backlog() > deps.backlogLimit) throw overloaded()
  return name
}

/** Throws forbidden `bad_signature` when the carrier did not sign exactly this. */
export function requireSignature(
  { carrier, publicOrigin }: Pick<HookDeps, 'carrier' | 'publicOrigin'>,
  { url, form, signature }: Omit<Signed, 'reference'>,
): void {
  const given = typeof signature === 'string' ? signature : undefined
  if (carrier.isSigned(publicOrigin() + url, form, given)) return
  throw new AppError('forbidden', 'bad_signature', 'The signature of this request is not the carrier’s.')
}

/** Resolves after the commit. What cannot be written soon is asked for again, and repeats do no harm. */
async function durable({ writer, clock, log }: HookDeps, name: CallName, news: News): Promise<void> {
  failpoint('hook.verified')
  const { workspaceId, callId } = name
  const written = await writer.writeSoon({ workspaceId, callId, source: 'webhook', at: clock.now(), news })
  if (written === 'unknown_call') throw unknownReference(callId, log)
  failpoint('hook.durable')
}

/** The same for what is no report. */
export async function soonDurable<Result>(writing: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(overloaded()), durableWithinMs)
  })
  return Promise.race([writing, late]).finally(() => clearTimeout(timer))
}

function unknownReference(reference: string, log: Log): AppError {
  log.warn({ reference: reference.slice(0, 64) }, 'webhook about a call that does not exist')
  return new AppError('not_found', 'unknown_reference', 'There is no call of this reference.')
}

function statusNews(form: CarrierForm): News {
  const state = carrierState(field(form, 'CallStatus'))
  const sid = sidOf(form)
  if (state === null) {
    throw invalidStatus(field(form, 'CallStatus'), 'CallStatus')
  }
  const news: Extract<News, { kind: 'progress' }> = { kind: 'progress', sid, state }
  const duration = wholeNumber(field(form, 'CallDuration'))
  const carrierSequence = wholeNumber(field(form, 'SequenceNumber'))
  const by = answeredBy(form)
  if (duration !== null) news.duration = duration
  if (carrierSequence !== null) news.carrierSequence = carrierSequence
  if (by !== null) news.answeredBy = by
  if (state === 'failed') {
    const code = field(form, 'ErrorCode') || field(form, 'SipResponseCode')
    news.reason = `carrier_${(code ?? 'failed').replace(/\W/g, '').slice(0, 20)}`
  }
  return news
}

/** Who answered, in the carrier's word. */
function answeredBy(form: CarrierForm): string | null {
  const word = field(form, 'AnsweredBy')
  return word !== null && /^[a-z_]{1,40}$/.test(word) ? word : null
}

function detectionNews(form: CarrierForm, url: string): News {
  const by = answeredBy(form)
  if (by === null) {
    const sentence = `"${field(form, 'AnsweredBy') ?? ''}" says nothing about who answered.`
    throw new AppError('invalid', 'invalid_status', sentence, { param: 'AnsweredBy' })
  }
  const hangUp = new URL(url, 'http://localhost').searchParams.get('machine') === 'hang_up'
  return { kind: 'answered_by', sid: sidOf(form), by, hangUp }
}

/** Null for a recording that is not finished, or came to nothing. */
function recordingNews(form: CarrierForm): News | null {
  if (field(form, 'RecordingStatus') !== 'completed') return null
  const recordingSid = field(form, 'RecordingSid')
  if (!mayRecordingSid(recordingSid)) {
    const sentence = `"${recordingSid ?? ''}" is no id of a recording.`
    throw new AppError('invalid', 'invalid_status', sentence, { param: 'RecordingSid' })
  }
  const seconds = wholeNumber(field(form, 'RecordingDuration')) ?? 0
  return { kind: 'recorded', sid: sidOf(form), recordingSid, seconds }
}

/** The carrier may refuse to dial the second number: then there is no such call. */
function joinedNews(form: CarrierForm): News {
  const word = field(form, 'DialCallStatus')
  const state = word === 'answered' ? 'completed' : carrierState(word)
  if (state === null) throw invalidStatus(word, 'DialCallStatus')
  const sid = field(form, 'DialCallSid')
  if (!maySid(sid)) return { kind: 'refused', reason: `carrier_${state}` }
  const duration = wholeNumber(field(form, 'DialCallDuration'))
  return { kind: 'progress', sid, state, ...(duration === null ? {} : { duration }) }
}

function invalidStatus(word: string | null, param: string): AppError {
  return new AppError('invalid', 'invalid_status', `"${word ?? ''}" is no status of a call.`, { param })
}

function sidOf(form: CarrierForm): string {
  const sid = field(form, 'CallSid')
  if (!maySid(sid))
    throw new AppError('invalid', 'invalid_call_sid', `"${sid ?? ''}" is no id of a call.`, {
      param: 'CallSid',
    })
  return sid
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,7}$/.test(text) ? Number(text) : null
}
