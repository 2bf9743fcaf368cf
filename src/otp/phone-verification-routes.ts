import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { detailsOf } from '../accounts/profile-routes.ts'
import { updateUser } from '../accounts/user-update.ts'
import { findUser } from '../accounts/user-store.ts'
import type { User } from '../accounts/user.ts'
import type { Clock } from '../clock.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { principalOf } from '../http/principal.ts'
import { countAgainstLimit } from '../http/rate-limit.ts'
import { maskNumber } from '../log.ts'
import type { OneTimeCodes } from './one-time-codes.ts'

export type PhoneVerificationDeps = {
  sql: Sql
  clock: Clock
  publicUrl: string | null
  oneTimeCodes: OneTimeCodes
}

const config = { allow: 'signed_in', personal: true } as const
const tags = ['accounts']
/** A person may change the phone at will, so the limits of numbers are not enough. */
const codesAllowed = { atMost: 10, windowMs: 60 * 60 * 1000 }
const message = '{otp} is your code. It proves that this phone is yours; give it to nobody.'

/** Proving that a phone is one's own, by a code that is texted or said to it. */
export async function phoneVerificationRoutes(app: App, deps: PhoneVerificationDeps): Promise<void> {
  const { sql, clock, oneTimeCodes } = deps

  app.route({
    method: 'POST',
    url: '/api/accounts/verify-phone/',
    config: { ...config, success: 202, refusals: [403, 409, 429] },
    schema: {
      tags,
      summary: 'Text or say a code that proves the own phone',
      body: Type.Object({
        channel: Type.Optional(
          Type.Union([Type.String({ maxLength: 20 }), Type.Null()], { description: 'text or voice' }),
        ),
      }),
    },
    handler: async (request, reply) => {
      const user = await ownUser(request, sql)
      await countAgainstLimit(sql, { key: `verify-phone:${user.id}`, ...codesAllowed }, clock.wall())
      const asked = { workspaceId: user.workspaceId, userId: user.id, use: useOf(user) }
      const channel = readChannel(request.body.channel)
      const wanted = { number: requirePhone(user), message, sms_send_options: channel }
      const prepared = await oneTimeCodes.prepareCode(asked, wanted)
      return idempotent(request, reply, sql, async (tx) => {
        const { otp, batch } = await oneTimeCodes.sendCode(tx, prepared)
        await closeBatch(tx, { now: clock.now(), workspaces: batch })
        const data = { number: maskNumber(otp.number), channel, expires_at: instantText(otp.expiresAt) }
        const sentence =
          channel === 'text' ? 'A code was texted to your phone.' : 'Your phone is called and told a code.'
        return { status: 202, body: envelope(data, sentence, 202) }
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/accounts/verify-phone/confirm/',
    config,
    schema: {
      tags,
      summary: 'Prove the own phone with the code that it was told',
      body: Type.Object({ otp: Type.Union([Type.String({ maxLength: 20 }), Type.Integer()]) }),
    },
    handler: async (request) => {
      const given = String(request.body.otp)
      const user = await ownUser(request, sql)
      const who = { workspaceId: user.workspaceId, id: user.id }
      const asked = { workspaceId: user.workspaceId, use: useOf(user), code: { number: requirePhone(user) } }
      // A wrong try must stay counted, so the transaction commits whatever the verdict.
      const proven = await transaction(sql, async (tx) => {
        const verdict = await oneTimeCodes.verifyCode(tx, asked, given)
        const updated = verdict.verified
          ? await updateUser(tx, who, { isVerifiedPhone: true }, clock.now())
          : null
        await closeBatch(tx, { now: clock.now(), workspaces: verdict.batch })
        return updated ?? verdict.attemptsLeft
      })
      if (typeof proven === 'number') throw wrongCode(given, proven)
      return envelope(await detailsOf(request, sql, proven, deps), 'Phone successfully verified.')
    },
  })
}

function useOf(user: User) {
  return { purpose: 'phone', holder: user.id } as const
}

async function ownUser(request: FastifyRequest, sql: Sql): Promise<User> {
  const { workspaceId, userId } = principalOf(request)
  const user = userId === null ? null : await findUser(sql, workspaceId, userId)
  if (user === null) throw new AppError('not_found', 'not_found', 'Not found.')
  return user
}

function readChannel(given: string | null | undefined): 'text' | 'voice' {
  const word = given?.trim().toLowerCase() ?? ''
  if (word === '' || word === 'text') return 'text'
  if (word === 'voice') return 'voice'
  const sentence = `channel must be text or voice; ${JSON.stringify(given)} is not.`
  throw new AppError('invalid', 'invalid_field', sentence, { param: 'channel' })
}

function requirePhone(user: User): string {
  if (user.phone.trim() !== '') return user.phone
  const sentence = 'Your account has no phone. Set one with PATCH /api/accounts/user_details/ {phone}.'
  throw new AppError('invalid', 'missing_field', sentence, { param: 'phone' })
}

function wrongCode(given: string, attemptsLeft: number): AppError {
  const way = attemptsLeft > 0 ? `Tries left: ${attemptsLeft}.` : 'Ask for a new one.'
  const sentence = `otp ${JSON.stringify(given)} is wrong or expired. ${way}`
  return new AppError('invalid', 'wrong_code', sentence, { param: 'otp' })
}
