import { Type, type Static } from '@fastify/type-provider-typebox'
import { transaction } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf } from '../http/principal.ts'
import { originFor, type AccountDeps } from './account-deps.ts'
import { hashPassword, requireGoodPassword } from './password.ts'
import { readUserChange } from './user-change.ts'
import { createUser, findUser, listUsers } from './user-store.ts'
import { lockUser, updateUser, type UserUpdate } from './user-update.ts'
import { personMembers, Role, toUserWire, UserWire } from './user-wire.ts'

const administered = {
  address: Type.Optional(Type.String({ maxLength: 500 })),
  dialer_user_id: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
  is_verified_email: Type.Optional(Type.Boolean()),
  is_verified_phone: Type.Optional(Type.Boolean()),
  is_verified_payment: Type.Optional(Type.Boolean()),
  is_active: Type.Optional(Type.Boolean()),
}
const password = Type.String({ maxLength: 1_000 })
const NewUser = Type.Object({ ...personMembers, ...administered, role: Role, password })
const UserPatch = Type.Object({
  ...personMembers,
  ...administered,
  email: Type.Optional(personMembers.email),
  role: Type.Optional(Role),
  password: Type.Optional(password),
})
const Id = Type.Object({ id: Type.String({ format: 'uuid' }) })

const config = { allow: ['admin'], personal: true } as const
const tags = ['accounts']

/** The people of a workspace. */
export async function userRoutes(app: App, deps: AccountDeps): Promise<void> {
  readingRoutes(app, deps)
  writingRoutes(app, deps)
}

function readingRoutes(app: App, deps: AccountDeps): void {
  const { sql } = deps

  app.route({
    method: 'GET',
    url: '/api/users/',
    config,
    schema: {
      tags,
      summary: 'People',
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(UserWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      const { count, users } = await listUsers(sql, { workspaceId, offset: page.offset, limit: page.size })
      const results = users.map((user) => toUserWire(user, originFor(request, deps)))
      return pageAnswer(request, deps.publicUrl, { ...page, count, results })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/users/:id/',
    config,
    schema: { tags, summary: 'One person', params: Id, response: { 200: UserWire } },
    handler: async (request) => {
      const user = await findUser(sql, principalOf(request).workspaceId, request.params.id)
      if (user === null) throw new AppError('not_found', 'not_found', 'Not found.')
      return toUserWire(user, originFor(request, deps))
    },
  })
}

function writingRoutes(app: App, deps: AccountDeps): void {
  const { sql, clock } = deps

  app.route({
    method: 'POST',
    url: '/api/users/',
    config,
    schema: { tags, summary: 'Add a person', body: NewUser, response: { 201: UserWire } },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      requireGoodPassword(request.body.password)
      const passwordHash = await hashPassword(request.body.password)
      return idempotent(request, reply, sql, async (tx) => {
        const change = readUserChange(request.body, null)
        const { email, role } = request.body
        const person = { ...administeredOf(request.body), ...change, email: change.email ?? email, role }
        const user = await createUser(tx, { ...person, workspaceId, passwordHash }, clock.now())
        return { status: 201, body: toUserWire(user, originFor(request, deps)) }
      })
    },
  })

  app.route({
    method: 'PATCH',
    url: '/api/users/:id/',
    config,
    schema: { tags, summary: 'Change a person', params: Id, body: UserPatch, response: { 200: UserWire } },
    handler: async (request, reply) => {
      const who = { workspaceId: principalOf(request).workspaceId, id: request.params.id }
      const newPassword = request.body.password
      if (newPassword !== undefined) requireGoodPassword(newPassword)
      const passwordHash = newPassword === undefined ? null : await hashPassword(newPassword)
      return idempotent(request, reply, sql, async (tx) => {
        const old = await lockUser(tx, who)
        const { role } = request.body
        const update: UserUpdate = {
          ...administeredOf(request.body),
          ...readUserChange(request.body, old),
          ...(role === undefined ? {} : { role }),
          ...(passwordHash === null ? {} : { passwordHash }),
        }
        const user = await updateUser(tx, who, update, clock.now())
        return { status: 200, body: toUserWire(user, originFor(request, deps)) }
      })
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/users/:id/',
    config: { ...config, success: 204 },
    schema: { tags, summary: 'Disable a person; what they did stays', params: Id },
    handler: async (request, reply) => {
      const who = { workspaceId: principalOf(request).workspaceId, id: request.params.id }
      await transaction(sql, (tx) => updateUser(tx, who, { isActive: false }, clock.now()))
      return reply.code(204).send()
    },
  })
}

/** The members only an administrator writes, without those that are absent. */
function administeredOf(input: Partial<Static<typeof UserPatch>>): UserUpdate {
  const update: UserUpdate = {}
  // An empty text is no id: two people without one must not clash.
  if (input.dialer_user_id !== undefined) update.dialerUserId = input.dialer_user_id?.trim() || null
  if (input.is_verified_email !== undefined) update.isVerifiedEmail = input.is_verified_email
  if (input.is_verified_phone !== undefined) update.isVerifiedPhone = input.is_verified_phone
  if (input.is_verified_payment !== undefined) update.isVerifiedPayment = input.is_verified_payment
  if (input.is_active !== undefined) update.isActive = input.is_active
  return update
}
