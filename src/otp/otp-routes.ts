import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import type { Sql, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageLinks, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf } from '../http/principal.ts'
import { maskNumber } from '../log.ts'
import { carrierAway } from '../numbers/number-refusals.ts'
import { isSameCode, writtenMessage } from './otp-code.ts'
import { mostTries } from './otp-limits.ts'
import { readNumber, readSend } from './otp-request.ts'
import { otpChanged, sendOtp, type SendDeps } from './otp-send.ts'
import * as store from './otp-store.ts'

export type OtpDeps = SendDeps & {
  sql: Sql
  clock: Clock
  publicUrl: string | null
  carrierIsLive: boolean
  callerIds: (workspaceId: number) => Promise<CallerIds>
}

const text = Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()]))
const number = Type.Union([Type.String({ maxLength: 60 }), Type.Integer()])
const code = Type.Union([Type.String({ maxLength: 60 }), Type.Integer()])
const Send = Type.Object({
  number,
  message: Type.String({ maxLength: 10_000, description: 'With {otp} where the code stands' }),
  sms_send_options: text,
  sms_send_option: text,
  otp_options: text,
  otp: Type.Optional(Type.Union([code, Type.Null()])),
  otp_length: Type.Optional(Type.Union([Type.Integer(), Type.String({ maxLength: 20 }), Type.Null()])),
})
const Verify = Type.Object({
  number: Type.Optional(number),
  otp_id: Type.Optional(Type.String({ maxLength: 60 })),
  otp: code,
})

/** One-time codes: sending, verifying, and the log, which shows none. */
export async function otpRoutes(app: App, deps: OtpDeps): Promise<void> {
  const { sql, clock } = deps
  const tags = ['one-time codes']
  const config = { allow: managers }

  app.route({
    method: 'POST',
    url: '/api/system/send/otp/',
    config,
    schema: { tags, summary: 'Send a one-time code by text or voice', body: Send },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      const { defaultRegion, otpCountries, otpEcho } = await findSettings(sql, workspaceId)
      const wanted = readSend(request.body, {
        defaultRegion,
        otpCountries,
        carrierIsLive: deps.carrierIsLive,
      })
      const callerIds = await askCallerIds(workspaceId)
      // What is kept with an Idempotency-Key names the code and does not tell it.
      const kept = await idempotent(request, reply, sql, async (tx) => {
        const sending = { workspaceId, userId, wanted, callerIds, now: clock.now() }
        const otp = await sendOtp(tx, deps, sending)
        return { status: 200, body: { otpId: otp.id, template: wanted.template, channel: wanted.channel } }
      })
      const otp = await store.findCode(sql, workspaceId, kept.otpId)
      if (otp === null) throw new Error('a code that was sent is gone')
      const told = otpEcho ? deps.codes.codeOf(otp) : null
      const details = {
        number: request.body.number,
        otp_options: otp.kind,
        message: told === null ? kept.template : writtenMessage(kept.template, told),
        otp: told,
        sms_send_options: kept.channel,
        otp_id: otp.id,
        expires_at: instantText(otp.expiresAt),
      }
      return envelope({ details }, 'OTP Sent Successfully.')
    },
  })

  app.route({
    method: 'POST',
    url: '/api/system/verify/otp/',
    config,
    schema: { tags, summary: 'Verify a one-time code', body: Verify },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { body } = request
      const { defaultRegion } = await findSettings(sql, workspaceId)
      const find = finderOf(body, defaultRegion)
      const given = String(body.otp).trim()
      return idempotent(request, reply, sql, async (tx) => {
        const result = await verify(tx, await find(tx, workspaceId), given)
        const message = result.verified ? 'OTP Verified Successfully.' : 'OTP is not valid.'
        return { status: 200, body: envelope(result, message) }
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/system/otp/',
    config,
    schema: {
      tags,
      summary: 'Codes that were sent, newest first, masked',
      querystring: Type.Object(PageQuery),
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const page = readPage(request.query)
      const { count, codes } = await store.listCodes(sql, workspaceId, {
        limit: page.size,
        offset: page.offset,
      })
      const pagination = pageLinks(request, deps.publicUrl, { ...page, count })
      const now = clock.now()
      return envelope({ otp_lists: codes.map((otp) => toLogWire(otp, now)), pagination }, null)
    },
  })

  /** A try counts whether it is right or not; tries at one code follow each other. */
  async function verify(tx: Tx, otp: store.Otp | null, given: string) {
    const now = clock.now()
    if (otp === null || otp.closedAt !== null || otp.expiresAt <= now)
      return { verified: false, attempts_left: 0 }
    const left = mostTries - otp.attempts - 1
    if (left < 0) return { verified: false, attempts_left: 0 }
    const isRight = isSameCode(given, deps.codes.codeOf(otp))
    await store.saveTry(tx, otp, { isRight, closes: left === 0 }, now)
    await closeBatch(tx, { now, workspaces: [otpChanged(otp)] })
    return { verified: isRight, attempts_left: isRight ? 0 : left }
  }

  async function askCallerIds(workspaceId: number): Promise<CallerIds> {
    try {
      return await deps.callerIds(workspaceId)
    } catch (error) {
      if (error instanceof CarrierAway) throw carrierAway()
      throw error
    }
  }
}

type VerifyBody = { number?: string | number; otp_id?: string }
type Find = (tx: Tx, workspaceId: number) => Promise<store.Otp | null>

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function finderOf(body: VerifyBody, defaultRegion: string): Find {
  if (body.otp_id !== undefined) {
    const id = body.otp_id.trim()
    return async (tx, workspaceId) => (uuid.test(id) ? store.lockCode(tx, workspaceId, id) : null)
  }
  if (body.number === undefined)
    throw new AppError('invalid', 'missing_field', 'number or otp_id is required.', { param: 'number' })
  const e164 = readNumber(body.number, defaultRegion)
  return (tx, workspaceId) => store.lockOpenCode(tx, workspaceId, e164)
}

function toLogWire(otp: store.LoggedOtp, now: Date) {
  return {
    otp_id: otp.id,
    number: maskNumber(otp.number),
    otp_options: otp.kind,
    sms_send_options: otp.channel,
    message: otp.template,
    status: statusOf(otp, now),
    delivery: otp.delivery,
    reason: otp.reason,
    sends: otp.sends,
    attempts: otp.attempts,
    created: instantText(otp.createdAt),
    sent: instantText(otp.sentAt),
    expires_at: instantText(otp.expiresAt),
  }
}

function statusOf(otp: store.Otp, now: Date): 'verified' | 'failed' | 'expired' | 'replaced' | 'live' {
  if (otp.verifiedAt !== null) return 'verified'
  if (otp.attempts >= mostTries) return 'failed'
  if (otp.expiresAt <= now) return 'expired'
  return otp.closedAt === null ? 'live' : 'replaced'
}
