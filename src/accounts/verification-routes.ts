import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import type { FastifyRequest } from 'fastify'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf } from '../http/principal.ts'
import { countAgainstLimit } from '../http/rate-limit.ts'
import { originFor, type AccountDeps } from './account-deps.ts'
import {
  emailCodeMail,
  emailCodeMinutes,
  hashEmailCode,
  isSameHash,
  mostGuesses,
  newEmailCode,
} from './email-code.ts'
import { queueMail } from './outbox-store.ts'
import { PaymentsAway } from './payment.ts'
import { detailsOf } from './profile-routes.ts'
import { findUser } from './user-store.ts'
import { updateUser } from './user-update.ts'
import type { User } from './user.ts'
import * as store from './verification-store.ts'

const codesAllowed = { atMost: 5, windowMs: 15 * 60 * 1000 }
const config = { allow: 'signed_in', personal: true } as const
const tags = ['accounts']

/** Proving that an e-mail address and a means of payment are one's own. */
export async function verificationRoutes(app: App, deps: AccountDeps): Promise<void> {
  emailRoutes(app, deps)
  paymentRoutes(app, deps)
}

function emailRoutes(app: App, deps: AccountDeps): void {
  const { sql, clock } = deps

  app.route({
    method: 'POST',
    url: '/api/accounts/verify-email/',
    config: { ...config, success: 202, refusals: [429] },
    schema: { tags, summary: 'Mail a code that proves the own address', body: Type.Object({}) },
    handler: async (request, reply) => {
      const user = await ownUser(request, deps)
      const wall = clock.wall()
      await countAgainstLimit(sql, { key: `verify-email:${user.id}`, ...codesAllowed }, wall)
      const expiresAt = new Date(wall.getTime() + emailCodeMinutes * 60_000)
      return idempotent(request, reply, sql, async (tx) => {
        const code = newEmailCode()
        const hash = hashEmailCode(deps.codeKey, { userId: user.id, email: user.email, code })
        const who = { workspaceId: user.workspaceId, userId: user.id }
        await store.keepEmailCode(tx, who, { email: user.email, hash, expiresAt })
        const mail = emailCodeMail(user.email, code, originFor(request, deps))
        await queueMail(tx, user.workspaceId, mail, clock.now())
        const sentence = `A code was mailed to ${user.email}. It is good for ${emailCodeMinutes} minutes.`
        return { status: 202, body: envelope({ email: user.email }, sentence, 202) }
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/accounts/verify-email/confirm/',
    config,
    schema: {
      tags,
      summary: 'Prove the own address with the code that was mailed',
      body: Type.Object({ code: Type.String({ minLength: 1, maxLength: 20 }) }),
    },
    handler: async (request, reply) => {
      const user = await ownUser(request, deps)
      const who = { workspaceId: user.workspaceId, userId: user.id }
      // Counted in a statement of its own: a wrong guess rolls back what follows, and must stay counted.
      const kept = await store.guessEmailCode(sql, who, { mostGuesses, wall: clock.wall() })
      const code = request.body.code.replaceAll(/\s/g, '')
      const hash = hashEmailCode(deps.codeKey, { userId: user.id, email: user.email, code })
      if (kept === null || !isSameHash(kept.hash, hash)) throw wrongCode(request.body.code)
      return idempotent(request, reply, sql, async (tx) => {
        await store.dropEmailCode(tx, who)
        const proven = { workspaceId: user.workspaceId, id: user.id }
        const now = clock.now()
        const updated = await updateUser(tx, proven, { isVerifiedEmail: true }, now)
        const body = envelope(await detailsOf(request, tx, updated, deps), 'Email successfully verified.')
        return { status: 200, body }
      })
    },
  })
}

function paymentRoutes(app: App, deps: AccountDeps): void {
  const { sql, clock, payments } = deps

  app.route({
    method: 'POST',
    url: '/api/accounts/payment-method/',
    config: { ...config, success: 201, refusals: [429] },
    schema: { tags, summary: 'Begin to prove a means of payment', body: Type.Object({}) },
    handler: async (request, reply) => {
      const user = await ownUser(request, deps)
      await countAgainstLimit(sql, { key: `payment:${user.id}`, atMost: 20, windowMs: 900_000 }, clock.wall())
      const who = { workspaceId: user.workspaceId, userId: user.id }
      const means = await store.findPaymentMeans(sql, who)
      const setup = await payments
        .setUp({ userId: user.id, email: user.email, customer: means?.customer ?? null })
        .catch(unavailable)
      return idempotent(request, reply, sql, async (tx) => {
        await store.keepPaymentSetup(tx, who, { id: setup.id, customer: setup.customer, now: clock.now() })
        const data = { setup_id: setup.id, client_secret: setup.clientSecret, provider: payments.name }
        return { status: 201, body: envelope(data, null, 201) }
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/accounts/payment-method/confirm/',
    config,
    schema: {
      tags,
      summary: 'The means of payment was proven at the provider',
      body: Type.Object({ setup_id: Type.String({ minLength: 1, maxLength: 255 }) }),
    },
    handler: async (request, reply) => {
      const user = await ownUser(request, deps)
      const who = { workspaceId: user.workspaceId, userId: user.id }
      const setup = await store.findPaymentSetup(sql, who, request.body.setup_id)
      if (setup === null) throw unknownSetup(request.body.setup_id)
      const proof = await payments.prove(setup.id).catch(unavailable)
      if (!proof.proven) {
        const message = `The provider does not confirm the setup yet: ${proof.reason}. Finish it there first.`
        throw new AppError('invalid', 'payment_not_confirmed', message, { param: 'setup_id' })
      }
      return idempotent(request, reply, sql, async (tx) => {
        const { paymentMethod } = proof
        await store.confirmPaymentSetup(tx, who, { ...setup, paymentMethod, now: clock.now() })
        const proven = { workspaceId: user.workspaceId, id: user.id }
        const updated = await updateUser(tx, proven, { isVerifiedPayment: true }, clock.now())
        const body = envelope(await detailsOf(request, tx, updated, deps), 'Payment successfully verified.')
        return { status: 200, body }
      })
    },
  })
}

async function ownUser(request: FastifyRequest, deps: AccountDeps): Promise<User> {
  const { workspaceId, userId } = principalOf(request)
  const user = userId === null ? null : await findUser(deps.sql, workspaceId, userId)
  if (user === null) throw new AppError('not_found', 'not_found', 'Not found.')
  return user
}

function wrongCode(code: string): AppError {
  const shown = code.length > 20 ? `${code.slice(0, 20)}…` : code
  return new AppError(
    'invalid',
    'wrong_code',
    `code ${JSON.stringify(shown)} is wrong or expired. Ask for a new one.`,
    { param: 'code' },
  )
}

function unknownSetup(id: string): AppError {
  const message = `setup_id ${JSON.stringify(id.slice(0, 60))} is none of yours. Begin again.`
  return new AppError('invalid', 'unknown_setup', message, { param: 'setup_id' })
}

function unavailable(error: unknown): never {
  if (!(error instanceof PaymentsAway)) throw error
  const message = 'The payment provider is not reachable right now. Try again in a moment.'
  throw new AppError('unavailable', 'payments_unavailable', message, { retryAfterSeconds: 5, cause: error })
}
