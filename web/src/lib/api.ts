import createClient from 'openapi-fetch'
import type { paths } from './api-types.ts'
import type { CampaignPaths } from './campaign-types.ts'
import type { LeadPaths } from './lead-types.ts'
import type { NumberPaths } from './number-types.ts'
import type { RequestPaths } from './request-types.ts'
import { ApiError, toApiError } from './api-error.ts'

/** The one typed client. The session is an HttpOnly cookie, so no token is ever in the hands of a script. */
export const api = createClient<paths & LeadPaths & NumberPaths & CampaignPaths & RequestPaths>({
  fetch: fetchWithSession,
})

/**
 * The data of an answer.
 * @throws ApiError when the server refused, or did not answer (`status` 0).
 */
export async function answered<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer
  if (!response.ok || data === undefined) throw toApiError(response.status, error)
  return data
}

const sessionRoutes = [
  '/api/accounts/login',
  '/api/accounts/token/refresh',
  '/api/accounts/logout',
  '/api/setup',
]

let renewal: Promise<void> | null = null

/** An access cookie lives an hour. When it has run out, it is renewed once and the request is sent again. */
async function fetchWithSession(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await send(request)
  if (response.status !== 401) return response
  if (sessionRoutes.some((route) => new URL(request.url).pathname.startsWith(route))) return response
  renewal ??= renewSession().finally(() => (renewal = null))
  await renewal
  // Whatever became of it: another tab may have renewed the session they share.
  return send(again)
}

/** Requests that fail together share one renewal, and tabs take turns: the cookie it uses up is theirs, too. */
async function renewSession(): Promise<void> {
  // Pages that are served without TLS to another machine have no locks.
  if ('locks' in navigator) await navigator.locks.request('trunkline-session', sendRenewal)
  else await sendRenewal()
}

async function sendRenewal(): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  await send(new Request('/api/accounts/token/refresh/', { method: 'POST', body: '{}', headers }))
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (cause) {
    if (request.signal.aborted) throw cause
    throw new ApiError({ status: 0, code: 'no_answer', sentence: 'The server did not answer.' }, { cause })
  }
}
