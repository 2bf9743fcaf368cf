import { Type } from '@fastify/type-provider-typebox'
import { isTimeZone, parseRegion } from '../config-values.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { countAgainstLimit } from '../http/rate-limit.ts'
import { shown } from '../http/validation.ts'
import { originFor, type AccountDeps } from './account-deps.ts'
import { hashPassword, requireGoodPassword } from './password.ts'
import { needsSetup, setUp } from './setup.ts'
import { readUserChange } from './user-change.ts'
import { toUserWire, UserWire } from './user-wire.ts'

const Setup = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 200, description: 'The part of the setup link behind #' }),
  email: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 1_000 }),
  first_name: Type.Optional(Type.String({ maxLength: 150 })),
  last_name: Type.Optional(Type.String({ maxLength: 150 })),
  time_zone: Type.Optional(Type.String({ maxLength: 60 })),
  default_region: Type.Optional(Type.String({ maxLength: 2 })),
  workspace_name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
})

/** The first run: nobody can sign in yet, and whoever has the printed link becomes the first administrator. */
export async function setupRoutes(app: App, deps: AccountDeps): Promise<void> {
  const { sql, clock } = deps
  const tags = ['setup']

  app.route({
    method: 'GET',
    url: '/api/setup/',
    config: { allow: 'anyone' },
    schema: {
      tags,
      summary: 'Whether the installation waits for its first administrator',
      response: { 200: Type.Object({ needed: Type.Boolean() }) },
    },
    handler: async () => ({ needed: await needsSetup(sql) }),
  })

  app.route({
    method: 'POST',
    url: '/api/setup/',
    config: { allow: 'anyone', refusals: [403, 409, 429] },
    schema: { tags, summary: 'Make the first administrator', body: Setup, response: { 201: UserWire } },
    handler: async (request, reply) => {
      const wall = clock.wall()
      await countAgainstLimit(sql, { key: `setup:${request.ip}`, atMost: 20, windowMs: 15 * 60 * 1000 }, wall)
      const { body } = request
      requireGoodPassword(body.password)
      const {
        email = '',
        firstName,
        lastName,
      } = readUserChange(
        { email: body.email, first_name: body.first_name ?? '', last_name: body.last_name ?? '' },
        null,
      )
      const admin = {
        email,
        passwordHash: await hashPassword(body.password),
        firstName: firstName ?? '',
        lastName: lastName ?? '',
        timeZone: readTimeZone(body.time_zone) ?? deps.defaults.timeZone,
        defaultRegion: readRegion(body.default_region) ?? deps.defaults.defaultRegion,
        ...(body.workspace_name === undefined ? {} : { workspaceName: body.workspace_name.trim() }),
      }
      const user = await setUp(sql, body.token, admin, { now: clock.now(), wall })
      reply.code(201)
      return toUserWire(user, originFor(request, deps))
    },
  })
}

function readTimeZone(text: string | undefined): string | null {
  if (text === undefined || text === '') return null
  if (isTimeZone(text)) return text
  throw invalidField('time_zone', `time_zone must be a time zone like Asia/Kathmandu; ${shown(text)} is not.`)
}

function readRegion(text: string | undefined): string | null {
  if (text === undefined || text === '') return null
  const region = parseRegion(text)
  if (region !== null) return region
  throw invalidField(
    'default_region',
    `default_region must be a country code like NP; ${shown(text)} is not.`,
  )
}

function invalidField(param: string, message: string): AppError {
  return new AppError('invalid', 'invalid_field', message, { param })
}
