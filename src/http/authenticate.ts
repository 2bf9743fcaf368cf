import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { strangersBodyLimit } from './bodies.ts'
import { roles, type Allowed, type Principal } from './principal.ts'

/** Something a request proves itself with. A token that came by cookie is bound to the console's own origin. */
export type Credential = { kind: 'token' | 'key'; secret: string; byCookie: boolean }

/** Who the credential belongs to; null when it is wrong, expired or revoked. */
export type Identify = (credential: Credential) => Promise<Principal | null>

/** A route as it was declared, for the test that holds every one of them to a table. */
export type DeclaredRoute = { method: string; url: string; allow: Allowed }

declare module 'fastify' {
  interface FastifyInstance {
    declaredRoutes: readonly DeclaredRoute[]
  }
}

export const accessCookie = 'trunkline_access'

/**
 * Guards every route of `app` by its `config.allow`. A route that names nobody does not start.
 * Runs before the body is read: who may not ask costs nothing.
 */
export function authenticateRoutes(
  app: FastifyInstance,
  identify: Identify,
  publicOrigin: string | null,
): void {
  const declared: DeclaredRoute[] = []
  app.decorate('declaredRoutes', declared)
  app.addHook('onRoute', (route) => {
    const allow = requireAllowed(String(route.method), route.url, route.config?.allow)
    if (allow === 'anyone') route.bodyLimit ??= strangersBodyLimit
    for (const method of [route.method].flat()) declared.push({ method, url: route.url, allow })
  })
  app.addHook('onRequest', async (request) => {
    const { allow, personal, scope } = request.routeOptions.config
    if (allow === undefined || allow === 'anyone' || allow === 'carrier' || allow === 'dialer') return
    const credential = credentialOf(request)
    if (credential === null) {
      throw new AppError(
        'unauthenticated',
        'not_authenticated',
        'Authentication credentials were not provided.',
      )
    }
    if (credential.byCookie && isUnsafe(request.method)) requireSameOrigin(request, publicOrigin)
    const principal = await identify(credential)
    if (principal === null) throw tokenNotValid()
    requireRole(principal, allow)
    requireScope(principal, { method: request.method, personal: personal ?? false, scope: scope ?? null })
    request.principal = principal
  })
}

/** The answer to a token that is wrong, expired, revoked or of the wrong kind. */
export function tokenNotValid(): AppError {
  return new AppError(
    'unauthenticated',
    'token_not_valid',
    'The given token is not valid: it is wrong, expired or revoked. Sign in again.',
  )
}

function requireAllowed(method: string, url: string, allow: Allowed | undefined): Allowed {
  const namesRoles = Array.isArray(allow) && allow.length > 0 && allow.every((role) => roles.includes(role))
  if (allow !== undefined && (typeof allow === 'string' || namesRoles)) return allow
  throw new Error(`The route ${method} ${url} does not say who may call it: set config.allow`)
}

/** What a request proves itself with. An Authorization header, whatever it says, counts before the cookie. */
export function credentialOf(request: FastifyRequest): Credential | null {
  const header = request.headers.authorization
  if (header !== undefined) {
    const secret = header.replace(/^bearer\s+/i, '').trim()
    if (secret === '' || /^bearer$/i.test(secret)) return null
    return { kind: secret.startsWith('tk_') ? 'key' : 'token', secret, byCookie: false }
  }
  const cookie = request.cookies[accessCookie]
  return cookie === undefined || cookie === '' ? null : { kind: 'token', secret: cookie, byCookie: true }
}

function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}

/**
 * A browser sends the cookie with whatever page asks it to, so the page must be ours: the browser says which page
 * asked, in Origin or, failing that, in Sec-Fetch-Site. A request that says neither is refused.
 */
export function requireSameOrigin(request: FastifyRequest, publicOrigin: string | null): void {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const same =
    origin === undefined
      ? site === 'same-origin'
      : origin === publicOrigin || isOriginOf(origin, request.host)
  if (same && site !== 'cross-site') return
  throw new AppError(
    'forbidden',
    'cross_site_request',
    'A request signed in by cookie must come from this server’s own pages. Programs send an Authorization header.',
  )
}

/** Whether an Origin names the host that was asked; a port that the scheme implies may be left out on either side. */
function isOriginOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  const asked = `${url.protocol}//${host}`
  return url.host !== '' && URL.canParse(asked) && new URL(asked).host === url.host
}

function requireRole(principal: Principal, allow: readonly string[] | 'signed_in'): void {
  if (allow === 'signed_in' || allow.includes(principal.role)) return
  throw new AppError(
    'forbidden',
    'forbidden',
    `The role ${principal.role} may not do this. Ask an administrator.`,
  )
}

function requireScope(
  principal: Principal,
  wanted: { method: string; personal: boolean; scope: string | null },
): void {
  if (principal.scopes === null) return
  if (wanted.personal) {
    throw new AppError('forbidden', 'forbidden', 'An API key may not do this: sign in as a person.')
  }
  const needed = isUnsafe(wanted.method) ? 'write' : 'read'
  if (principal.scopes.includes(needed)) return
  if (wanted.scope !== null && principal.scopes.includes(wanted.scope)) return
  throw new AppError('forbidden', 'forbidden', `This API key does not have the scope ${needed}.`)
}

/** The header that tells a program how to sign in. */
export function challenge(reply: FastifyReply): void {
  reply.header('www-authenticate', 'Bearer')
}
