import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import type { Identify } from '../http/authenticate.ts'
import type { Principal } from '../http/principal.ts'
import { rememberFor } from '../http/remember.ts'
import { findKey, touchKey } from './key-store.ts'
import { findSession, type Session } from './session-store.ts'
import type { Tokens } from './tokens.ts'

/** A revocation by any process is seen by this one within this time. */
export const revocationDelayMs = 2_000

/**
 * Turns credentials into principals. What the database said is remembered for two seconds, so a busy program costs one
 * small query every two seconds, and a revoked one is refused two seconds later at most.
 */
export function createIdentify(deps: { sql: Sql; clock: Clock; tokens: Tokens }): Identify {
  const { sql, clock, tokens } = deps
  const sessions = rememberFor(revocationDelayMs, (id: string) => findSession(sql, id, clock.wall()))
  const keys = rememberFor(revocationDelayMs, async (hash: string) => {
    const key = await findKey(sql, Buffer.from(hash, 'hex'))
    if (key !== null) await touchKey(sql, key, clock.wall())
    return key
  })

  return async (credential) => {
    if (credential.kind === 'key') {
      const key = await keys(hashOfKey(credential.secret).toString('hex'))
      return key === null ? null : key.principal
    }
    const claims = tokens.verify('access', credential.secret, clock.wall())
    if (claims === null) return null
    const session = await sessions(claims.sessionId)
    const isLive =
      session !== null && session.userId === claims.userId && session.tokenVersion === claims.version
    return isLive ? principalOfSession(session) : null
  }
}

/** What is stored of an API key. It has 256 random bits, so a plain hash cannot be turned back. */
export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function principalOfSession(session: Session): Principal {
  return {
    userId: session.userId,
    workspaceId: session.workspaceId,
    role: session.role,
    agentId: session.agentId,
    keyId: null,
    sessionId: session.id,
    scopes: null,
    isOwner: session.isOwner,
  }
}
