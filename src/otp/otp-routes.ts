import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageLinks, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf } from '../http/principal.ts'
import { maskNumber } from '../log.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { writtenMessage, type OtpCodes } from './otp-code.ts'
import { mostTries } from './otp-limits.ts'
import { LogSchema, SendSchema, SentSchema, VerdictSchema, VerifySchema } from './otp-schemas.ts'
import * as store from './otp-store.ts'

export type OtpRouteDeps = {
  sql: Sql
  clock: Clock
  publicUrl: string | null
  codes: OtpCodes
  oneTimeCodes: OneTimeCodes
}

/** A program that called the API holds the codes of its workspace. */
const use = { purpose: 'program', holder: null } as const

/** One-time codes: sending, verifying, and the log, which shows none. */
export async function otpRoutes(app: App, deps: OtpRouteDeps): Promise<void> {
  const { sql, clock, oneTimeCodes } = deps
  const tags = ['one-time codes']
  const config = { allow: managers }

  app.route({
    method: 'POST',
    url: '/api/system/send/otp/',
    config,
    schema: {
      tags,
      summary: 'Send a one-time code by text or voice',
      body: SendSchema,
      response: { 200: SentSchema },
    },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      const { otpEcho } = await findSettings(sql, workspaceId)
      const prepared = await oneTimeCodes.prepareCode({ workspaceId, userId, use }, request.body)
      const { template, channel } = prepared.wanted
      // What is kept with an Idempotency-Key names the code and does not tell it.
      const kept = await idempotent(request, reply, sql, async (tx) => {
        const { otp, batch } = await oneTimeCodes.sendCode(tx, prepared)
        await closeBatch(tx, { now: clock.now(), workspaces: batch })
        return { status: 200, body: { otpId: otp.id, template, channel } }
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
    schema: { tags, summary: 'Verify a one-time code', body: VerifySchema, response: { 200: VerdictSchema } },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { otp: given, ...named } = request.body
      return idempotent(request, reply, sql, async (tx) => {
        const asked = { workspaceId, use, code: named }
        const { verified, attemptsLeft, batch } = await oneTimeCodes.verifyCode(tx, asked, String(given))
        await closeBatch(tx, { now: clock.now(), workspaces: batch })
        const message = verified ? 'OTP Verified Successfully.' : 'OTP is not valid.'
        return { status: 200, body: envelope({ verified, attempts_left: attemptsLeft }, message) }
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
      response: { 200: LogSchema },
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
}

function toLogWire(otp: store.LoggedOtp, now: Date) {
  return {
    otp_id: otp.id,
    purpose: otp.purpose,
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
