import type { FastifyReply } from 'fastify'
import { accessCookie } from '../http/authenticate.ts'
import { accessSeconds, refreshSeconds } from './tokens.ts'

export const refreshCookie = 'trunkline_refresh'

/** Only the API is told the refresh token, and no script reads either. */
const refreshPath = '/api'

/** Hands the session to the browser. */
export function setSessionCookies(
  reply: FastifyReply,
  session: { access: string; refresh: string; secure: boolean },
): void {
  const flags = { httpOnly: true, sameSite: 'lax', secure: session.secure } as const
  reply.setCookie(accessCookie, session.access, { ...flags, path: '/', maxAge: accessSeconds })
  reply.setCookie(refreshCookie, session.refresh, { ...flags, path: refreshPath, maxAge: refreshSeconds })
}

export function clearSessionCookies(reply: FastifyReply): void {
  reply.clearCookie(accessCookie, { path: '/' })
  reply.clearCookie(refreshCookie, { path: refreshPath })
}
