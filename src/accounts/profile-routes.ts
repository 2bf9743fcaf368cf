import { Type, type Static } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import type { FastifyRequest } from 'fastify'
import { transaction, type Queryable, type Tx } from '../db/sql.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf } from '../http/principal.ts'
import { countAgainstLimit } from '../http/rate-limit.ts'
import { shown } from '../http/validation.ts'
import { originFor, type AccountDeps } from './account-deps.ts'
import { hashPassword, isPassword, requireGoodPassword } from './password.ts'
import { receiveImage, type ReceivedImage } from './profile-image.ts'
import { readUserChange } from './user-change.ts'
import { createUser, findPasswordHash, findUser } from './user-store.ts'
import { findImage, lockUser, removeImage, storeImage, updateUser, type UserUpdate } from './user-update.ts'
import { personMembers, toUserDetails } from './user-wire.ts'
import type { User } from './user.ts'
import { findSettings, findWorkspace, findWorkspaceById } from './workspace-store.ts'

const Register = Type.Object({
  ...personMembers,
  password: Type.String({ maxLength: 1_000 }),
  first_name: Type.String({ maxLength: 150 }),
  last_name: Type.String({ maxLength: 150 }),
  workspace: Type.Optional(
    Type.String({ maxLength: 100, description: 'Its slug; else the first workspace' }),
  ),
})

const Profile = Type.Object({
  ...personMembers,
  email: Type.Optional(personMembers.email),
  address: Type.Optional(Type.String({ maxLength: 500 })),
  profile_image: Type.Optional(
    Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()], {
      description: 'An https URL, or a file of 2 MiB',
    }),
  ),
  password: Type.Optional(Type.String({ maxLength: 1_000, description: 'Ends every token; sign in again' })),
  current_password: Type.Optional(Type.String({ maxLength: 1_000, description: 'Required with password' })),
})

const registrationsAllowed = { atMost: 100, windowMs: 15 * 60 * 1000 }

/** A person's own account: seeing it, changing it, making one. */
export async function profileRoutes(app: App, deps: AccountDeps): Promise<void> {
  const { sql, clock } = deps

  app.route({
    method: 'GET',
    url: '/api/accounts/user_details/',
    config: { allow: 'signed_in', refusals: [404] },
    schema: { tags: ['accounts'], summary: 'Who is signed in' },
    handler: async (request) => {
      const { workspaceId, userId } = principalOf(request)
      const user = userId === null ? null : await findUser(sql, workspaceId, userId)
      if (user === null) throw new AppError('not_found', 'not_found', 'Not found.')
      return envelope(await detailsOf(request, sql, user, deps))
    },
  })

  app.route({
    method: 'PATCH',
    url: '/api/accounts/user_details/',
    config: { allow: 'signed_in', personal: true, receiveFile: receiveImage, refusals: [404, 429] },
    schema: { tags: ['accounts'], summary: 'Change the own account', body: Profile },
    handler: async (request, reply) => {
      const { workspaceId, userId } = principalOf(request)
      const who = { workspaceId, id: userId ?? '' }
      const passwordHash = await newPasswordHash(request.body, deps, who)
      return idempotent(request, reply, sql, async (tx) => {
        const old = await lockUser(tx, who)
        const update: UserUpdate = { ...readUserChange(request.body, old), ...passwordHash }
        const image = await changeImage(tx, who, request, clock.now())
        const user = await updateUser(tx, who, { ...update, ...image }, clock.now())
        const body = envelope(await detailsOf(request, tx, user, deps), 'User details successfully updated.')
        return { status: 200, body }
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/accounts/register/',
    config: { allow: 'anyone', success: 201, refusals: [403, 409, 429] },
    schema: {
      tags: ['accounts'],
      summary: 'Make an own account, while the workspace lets people in',
      body: Register,
    },
    handler: async (request, reply) => {
      await countAgainstLimit(sql, { key: `register:${request.ip}`, ...registrationsAllowed }, clock.wall())
      const user = await register(request.body, deps)
      reply.code(201)
      return envelope(await detailsOf(request, sql, user, deps), 'Successfully registered', 201)
    },
  })
  imageRoute(app, deps)
}

function imageRoute(app: App, { sql }: AccountDeps): void {
  app.route({
    method: 'GET',
    url: '/files/images/:token',
    config: { allow: 'anyone' },
    schema: { hide: true, params: Type.Object({ token: Type.String({ maxLength: 64 }) }) },
    handler: async (request, reply) => {
      const image = await findImage(sql, request.params.token)
      if (image === null) throw new AppError('not_found', 'not_found', 'Not found.')
      return reply
        .type(image.contentType)
        .headers({
          'cache-control': 'private, max-age=86400, immutable',
          'content-security-policy': "default-src 'none'",
        })
        .send(image.bytes)
    },
  })
}

/** What a person's own account looks like to them. */
export async function detailsOf(
  request: FastifyRequest,
  sql: Queryable,
  user: User,
  deps: Pick<AccountDeps, 'publicUrl'>,
) {
  const [workspace, settings] = [
    await findWorkspaceById(sql, user.workspaceId),
    await findSettings(sql, user.workspaceId),
  ]
  const place = { slug: workspace?.slug ?? '', name: workspace?.name ?? '', timeZone: settings.timeZone }
  return { user_details: toUserDetails(user, place, originFor(request, deps)) }
}

/** A stolen session must not be enough to keep the account: a new password needs the old one. */
async function newPasswordHash(
  input: Static<typeof Profile>,
  deps: AccountDeps,
  who: { workspaceId: number; id: string },
): Promise<{ passwordHash?: string }> {
  if (input.password === undefined) return {}
  requireGoodPassword(input.password)
  const wall = deps.clock.wall()
  await countAgainstLimit(deps.sql, { key: `password:${who.id}`, atMost: 10, windowMs: 15 * 60 * 1000 }, wall)
  const current = await findPasswordHash(deps.sql, who.workspaceId, who.id)
  if (!(await isPassword(current, input.current_password ?? ''))) {
    throw new AppError('invalid', 'wrong_password', 'current_password is not your password.', {
      param: 'current_password',
    })
  }
  return { passwordHash: await hashPassword(input.password) }
}

async function changeImage(
  tx: Tx,
  who: { workspaceId: number; id: string },
  request: FastifyRequest<{ Body: Static<typeof Profile> }>,
  now: Date,
): Promise<{ profileImage?: string | null }> {
  // Only receiveImage puts anything there.
  const file = (request.received?.get('profile_image') ?? null) as ReceivedImage | null
  if (file !== null) return { profileImage: await storeImage(tx, who, file, now) }
  const given = request.body.profile_image
  if (given === undefined) return {}
  const url = given === null || given.trim() === '' ? null : httpsUrl(given)
  await removeImage(tx, who)
  return { profileImage: url }
}

function httpsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && url.protocol === 'https:' && url.username === '') return url.href
  throw new AppError(
    'invalid',
    'invalid_field',
    `profile_image must be an https URL or a file; ${shown(text)} is not.`,
    {
      param: 'profile_image',
    },
  )
}

async function register(input: Static<typeof Register>, deps: AccountDeps): Promise<User> {
  requireGoodPassword(input.password)
  const change = readUserChange(input, null)
  const workspace = await findWorkspace(deps.sql, input.workspace ?? null)
  const settings = workspace === null ? null : await findSettings(deps.sql, workspace.id)
  // A closed workspace and one that does not exist look alike.
  if (workspace === null || settings === null || !settings.signUpOpen) {
    throw new AppError(
      'forbidden',
      'sign_up_closed',
      'Sign-up is closed. Ask an administrator for an account.',
    )
  }
  const passwordHash = await hashPassword(input.password)
  const person = {
    ...change,
    email: change.email ?? input.email,
    workspaceId: workspace.id,
    role: 'caller',
    passwordHash,
  } as const
  return transaction(deps.sql, (tx) => createUser(tx, person, deps.clock.now()))
}
