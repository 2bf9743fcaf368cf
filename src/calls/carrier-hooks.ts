/**
 * The carrier's webhooks. Each is verified over its exact bytes, becomes a report, and is answered 2xx only after that
 * report is durable. What is said on the phone is answered here too.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { databaseUnavailable, isConnectionFailure } from '../db/sql.ts'
import type { App } from '../http/app-shell.ts'
import type { Carrier } from '../carriers/carrier.ts'
import { carrierState, maySid } from '../carriers/twilio-answers.ts'
import { hangUpTwiml } from '../carriers/twiml.ts'
import type { CallName, References } from './call-reference.ts'
import type { News } from './report.ts'
import type { ReportWriter, Written } from './report-writer.ts'

/** A form of a status report is far below a kilobyte. */
const hookBodyLimit = 64 * 1024
/** The carrier is told to come back rather than kept waiting longer than this. */
const durableWithinMs = 1_500

export type HookDeps = {
  carrier: Carrier
  references: References
  writer: ReportWriter
  clock: Clock
  log: Log
  /** The origin the carrier was given, never the request's Host. */
  publicOrigin: () => string
  /** Instructions for a call whose message did not fit into the request that placed it. Null: nothing to say. */
  instructionsFor: (name: CallName) => Promise<string | null>
  backlogLimit: number
}

export async function carrierHooks(app: App, deps: HookDeps): Promise<void> {
  await app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers()
    hooks.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: hookBodyLimit },
      (_request, body, done) => done(null, body),
    )
    const config = { allow: 'carrier' as const }
    const hide = { schema: { hide: true } }

    hooks.post<{ Params: { ref: string } }>(
      '/hooks/voice/:ref/status',
      { config, ...hide },
      async (request, reply) => {
        const { name, form } = verified(request, deps)
        const news = statusNews(form)
        await durable(deps, name, news)
        return reply.code(204).send()
      },
    )
    hooks.post<{ Params: { ref: string } }>(
      '/hooks/voice/:ref/heard',
      { config, ...hide },
      async (request, reply) => {
        const { name, form } = verified(request, deps)
        await durable(deps, name, { kind: 'heard', sid: sidOf(form) })
        return twiml(reply, hangUpTwiml)
      },
    )
    hooks.post<{ Params: { ref: string } }>(
      '/hooks/voice/:ref',
      { config, ...hide },
      async (request, reply) => {
        const { name } = verified(request, deps)
        return twiml(reply, (await deps.instructionsFor(name)) ?? hangUpTwiml)
      },
    )
  })
}

function twiml(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).header('content-type', 'text/xml; charset=utf-8').send(text)
}

/** The form of a signed request and the call it names. 403 when the signature is wrong, 404 when the name is none of ours. */
function verified(
  request: FastifyRequest<{ Params: { ref: string } }>,
  deps: HookDeps,
): { name: CallName; form: URLSearchParams } {
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
  const signature = request.headers['x-twilio-signature']
  const url = deps.publicOrigin() + request.raw.url
  if (!deps.carrier.isSigned(url, form, typeof signature === 'string' ? signature : undefined)) {
    throw new AppError('forbidden', 'bad_signature', 'The signature of this request is not the carrier’s.')
  }
  const name = deps.references.decode(request.params.ref)
  if (name === null) throw unknownReference(request.params.ref, deps.log)
  if (deps.writer.backlog() > deps.backlogLimit) throw overloaded()
  return { name, form }
}

async function durable(deps: HookDeps, name: CallName, news: News): Promise<void> {
  const writing = deps.writer.write({ ...name, source: 'webhook', at: deps.clock.now(), news })
  const written = await within(writing).catch((error: unknown) => {
    throw isConnectionFailure(error) ? databaseUnavailable(error) : error
  })
  if (written === 'unknown_call') throw unknownReference(name.callId, deps.log)
}

/** Waits for the commit, but not for ever: a report that is late is asked for again, and repeats do no harm. */
async function within(writing: Promise<Written>): Promise<Written> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(overloaded()), durableWithinMs)
  })
  writing.catch(() => {})
  try {
    return await Promise.race([writing, late])
  } finally {
    clearTimeout(timer)
  }
}

function overloaded(): AppError {
  return new AppError('unavailable', 'overloaded', 'Too much is waiting to be written. Send this again.', {
    retryAfterSeconds: 2,
  })
}

function unknownReference(reference: string, log: Log): AppError {
  log.warn({ reference: reference.slice(0, 64) }, 'webhook about a call that does not exist')
  return new AppError('not_found', 'unknown_reference', 'There is no call of this reference.')
}

function statusNews(form: URLSearchParams): News {
  const state = carrierState(form.get('CallStatus'))
  const sid = sidOf(form)
  if (state === null) {
    throw new AppError(
      'invalid',
      'invalid_status',
      `"${form.get('CallStatus') ?? ''}" is no status of a call.`,
      { param: 'CallStatus' },
    )
  }
  const duration = wholeNumber(form.get('CallDuration'))
  const carrierSequence = wholeNumber(form.get('SequenceNumber'))
  const code = form.get('ErrorCode') || form.get('SipResponseCode')
  const reason = state === 'failed' ? `carrier_${(code ?? 'failed').replace(/\W/g, '').slice(0, 20)}` : null
  return {
    kind: 'progress',
    sid,
    state,
    ...(duration === null ? {} : { duration }),
    ...(carrierSequence === null ? {} : { carrierSequence }),
    ...(reason === null ? {} : { reason }),
  }
}

function sidOf(form: URLSearchParams): string {
  const sid = form.get('CallSid')
  if (!maySid(sid))
    throw new AppError('invalid', 'invalid_call_sid', `"${sid ?? ''}" is no id of a call.`, {
      param: 'CallSid',
    })
  return sid
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,7}$/.test(text) ? Number(text) : null
}
