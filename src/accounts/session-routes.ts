import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { requireSameOrigin, tokenNotValid } from '../http/authenticate.ts'
import { envelope } from '../http/families.ts'
import { principalOf } from '../http/principal.ts'
import { countAgainstLimit, resetLimit } from '../http/rate-limit.ts'
import { createTurns, type Turns } from '../http/turns.ts'
import { uuidV7 } from '../random.ts'
import { isPassword } from './password.ts'
import { clearSessionCookies, refreshCookie, setSessionCookies } from './session-cookies.ts'
import { findSession, insertSession, revokeSession, rotateSession } from './session-store.ts'
import { refreshSeconds, type Tokens } from './tokens.ts'
import { findLogin, findUser } from './user-store.ts'
import type { User } from './user.ts'

export type SessionDeps = { sql: Sql; clock: Clock; tokens: Tokens; publicUrl: string | null }

const failuresAllowed = 10
const failureWindowMs = 15 * 60 * 1000

const Login = Type.Object({
  email: Type.Optional(Type.String({ description: 'E-mail or username', maxLength: 320 })),
  username: Type.Optional(Type.String({ description: 'Another name for email', maxLength: 320 })),
  password: Type.String({ maxLength: 1_000 }),
})
const Refresh = Type.Object({ refresh: Type.Optional(Type.String({ maxLength: 4_000 })) })
const TokenPair = Type.Object({ refresh: Type.String(), access: Type.String() })

/** Signing in, staying signed in and signing out. */
export async function sessionRoutes(app: App, deps: SessionDeps): Promise<void> {
  const logInDeps = { ...deps, turns: createTurns() }

  app.route({
    method: 'POST',
    url: '/api/accounts/login/',
    config: { allow: 'anyone', refusals: [401, 429] },
    schema: { tags: ['accounts'], summary: 'Sign in with an e-mail or username', body: Login },
    handler: async (request, reply) => {
      const { user, tokens } = await logIn(request, reply, logInDeps)
      const userData = { first_name: user.firstName, last_name: user.lastName, email: user.email }
      return { ...envelope({ token: tokens, user_data: userData }, 'Successfully logged in'), ...tokens }
    },
  })

  app.route({
    method: 'POST',
    url: '/api/token/',
    config: { allow: 'anyone', refusals: [401, 429] },
    schema: {
      tags: ['accounts'],
      summary: 'Sign in: only the tokens',
      body: Login,
      response: { 200: TokenPair },
    },
    handler: async (request, reply) => (await logIn(request, reply, logInDeps)).tokens,
  })

  for (const url of ['/api/accounts/token/refresh/', '/api/token/refresh/']) {
    app.route({
      method: 'POST',
      url,
      config: { allow: 'anyone', refusals: [401, 403] },
      schema: {
        tags: ['accounts'],
        summary: 'A new access token for a refresh token, or for the console’s cookie',
        body: Refresh,
        response: { 200: Type.Object({ access: Type.String() }) },
      },
      handler: async (request, reply) => ({
        access:
          request.body.refresh === undefined
            ? await refreshByCookie(request, reply, deps)
            : await refreshByToken(request.body.refresh, deps),
      }),
    })
  }

  app.route({
    method: 'POST',
    url: '/api/accounts/logout/',
    config: { allow: 'signed_in', personal: true },
    schema: { tags: ['accounts'], summary: 'Sign out: every token of this session ends' },
    handler: async (request, reply) => {
      const { workspaceId, sessionId } = principalOf(request)
      if (sessionId !== null)
        await revokeSession(deps.sql, { workspaceId, id: sessionId, wall: deps.clock.wall() })
      clearSessionCookies(reply)
      return envelope({}, 'Successfully logged out')
    },
  })
}

type LogInDeps = SessionDeps & { turns: Turns }
type LoginRequest = FastifyRequest<{ Body: { email?: string; username?: string; password: string } }>
type LoggedIn = { user: User; tokens: { refresh: string; access: string } }

/** Checks name and password and opens a session. */
async function logIn(request: LoginRequest, reply: FastifyReply, deps: LogInDeps): Promise<LoggedIn> {
  const { sql, tokens } = deps
  const name = (request.body.email ?? request.body.username)?.trim()
  if (!name) throw new AppError('invalid', 'missing_field', 'email is required.', { param: 'email' })
  const wall = deps.clock.wall()
  const key = `login:${name.toLowerCase()}:${request.ip}`
  const { user, tokenVersion } = await deps.turns(key, () => checkPassword(request, name, key, deps))

  const sessionId = uuidV7(wall.getTime())
  const expiresAt = new Date(wall.getTime() + refreshSeconds * 1000)
  await insertSession(sql, { workspaceId: user.workspaceId, id: sessionId, userId: user.id, wall, expiresAt })
  const claims = { userId: user.id, sessionId, version: tokenVersion, generation: null }
  const access = tokens.sign('access', claims, wall)
  // A page of another site must not be able to sign a visitor in as somebody else.
  if (request.headers['sec-fetch-site'] !== 'cross-site') {
    const secure = deps.publicUrl?.startsWith('https:') ?? false
    setSessionCookies(reply, {
      access,
      refresh: tokens.sign('refresh', { ...claims, generation: 0 }, wall),
      secure,
    })
  }
  return { user, tokens: { refresh: tokens.sign('refresh', claims, wall), access } }
}

/**
 * Who has this name and password. An unknown name and a wrong password take the same time and get the same answer.
 * Attempts are counted before they are checked, so that guesses side by side count, too; within a process they take
 * turns, so that a person who signs in many times at once is not taken for somebody who guesses.
 */
async function checkPassword(
  request: LoginRequest,
  name: string,
  key: string,
  { sql, clock }: LogInDeps,
): Promise<{ user: User; tokenVersion: number }> {
  await countAgainstLimit(sql, { key, atMost: failuresAllowed, windowMs: failureWindowMs }, clock.wall())
  const login = await findLogin(sql, name)
  const matches = await isPassword(login?.passwordHash ?? null, request.body.password)
  const user = login && matches && login.isActive ? await findUser(sql, login.workspaceId, login.id) : null
  if (login === null || user === null) {
    throw new AppError(
      'unauthenticated',
      'no_active_account',
      'No active account found with the given credentials',
    )
  }
  await resetLimit(sql, key)
  return { user, tokenVersion: login.tokenVersion }
}

/** A refresh token in a body stays good for its seven days: the programs that use it keep it. */
async function refreshByToken(token: string, deps: SessionDeps): Promise<string> {
  const wall = deps.clock.wall()
  const claims = deps.tokens.verify('refresh', token, wall)
  if (claims === null || claims.generation !== null) throw tokenNotValid()
  const session = await findSession(deps.sql, claims.sessionId, wall)
  if (session === null || session.tokenVersion !== claims.version) throw tokenNotValid()
  return deps.tokens.sign('access', claims, wall)
}

/** The cookie's token is replaced at every use. One that was replaced before and comes again was copied. */
async function refreshByCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: SessionDeps,
): Promise<string> {
  const { sql, clock, tokens } = deps
  const cookie = request.cookies[refreshCookie]
  if (cookie === undefined) {
    throw new AppError('invalid', 'missing_field', 'refresh is required.', { param: 'refresh' })
  }
  requireSameOrigin(request, deps.publicUrl)
  const wall = clock.wall()
  const claims = tokens.verify('refresh', cookie, wall)
  if (claims === null || claims.generation === null) throw tokenNotValid()
  const session = await findSession(sql, claims.sessionId, wall)
  if (session === null || session.tokenVersion !== claims.version) throw tokenNotValid()

  const { generation } = claims
  const expiresAt = new Date(wall.getTime() + refreshSeconds * 1000)
  const rotated = await rotateSession(sql, { ...session, generation, requestedAt: wall, expiresAt })
  if (rotated.reused) await revokeSession(sql, { workspaceId: session.workspaceId, id: session.id, wall })
  if (rotated.generation === null) throw tokenNotValid()
  const access = tokens.sign('access', { ...claims, generation: null }, wall)
  const refresh = tokens.sign('refresh', { ...claims, generation: rotated.generation }, wall)
  setSessionCookies(reply, { access, refresh, secure: deps.publicUrl?.startsWith('https:') ?? false })
  return access
}
