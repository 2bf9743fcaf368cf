import { createSigner, createVerifier } from 'fast-jwt'
import { randomToken } from '../random.ts'

/** What a token says once its signature, issuer, audience, kind and times were checked. */
export type TokenClaims = {
  userId: string
  sessionId: string
  /** The user's token_version when it was issued. */
  version: number
  /** Of the refresh token in the cookie; null in every other token. */
  generation: number | null
}

export type TokenKind = 'access' | 'refresh'

export const accessSeconds = 60 * 60
export const refreshSeconds = 7 * 24 * 60 * 60

export type Tokens = {
  sign(kind: TokenKind, claims: TokenClaims, wall: Date): string
  /** Null when anything about the token is wrong. */
  verify(kind: TokenKind, token: string, wall: Date): TokenClaims | null
}

const issuer = 'trunkline'
const audience = 'trunkline-api'

/**
 * Access and refresh tokens: JWT, HS256 and nothing else. Their times are database time without the product clock's
 * offset: moving the product clock in a test workspace must not log everybody out.
 */
export function createTokens(key: Buffer): Tokens {
  const sign = createSigner({ key, algorithm: 'HS256', noTimestamp: true })
  // The times are checked below, against the given wall time instead of this machine's.
  const verify = createVerifier({
    key,
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
    ignoreExpiration: true,
    ignoreNotBefore: true,
    requiredClaims: ['sub', 'sid', 'ver', 'typ', 'exp', 'nbf', 'iss', 'aud'],
  })
  return {
    sign(kind, claims, wall) {
      const now = Math.floor(wall.getTime() / 1000)
      return sign({
        iss: issuer,
        aud: audience,
        typ: kind,
        sub: claims.userId,
        sid: claims.sessionId,
        ver: claims.version,
        ...(claims.generation === null ? {} : { gen: claims.generation }),
        iat: now,
        nbf: now,
        exp: now + (kind === 'access' ? accessSeconds : refreshSeconds),
        jti: randomToken(9),
      })
    },
    verify(kind, token, wall) {
      const payload = payloadOf(verify, token)
      return payload === null ? null : claimsOf(payload, kind, wall.getTime() / 1000)
    },
  }
}

/** Two servers of one database agree on the time to a few milliseconds; a token may be used in the same second. */
const toleratedSkewSeconds = 2

function payloadOf(verify: (token: string) => unknown, token: string): Record<string, unknown> | null {
  try {
    const payload = verify(token)
    return typeof payload === 'object' && payload !== null ? { ...payload } : null
  } catch {
    // The library throws for every kind of wrong token alike; none of them is an error of ours.
    return null
  }
}

function claimsOf(payload: Record<string, unknown>, kind: TokenKind, nowSeconds: number): TokenClaims | null {
  const { typ, sub, sid, ver, gen, exp, nbf } = payload
  if (typ !== kind || typeof sub !== 'string' || typeof sid !== 'string' || typeof ver !== 'number')
    return null
  if (typeof exp !== 'number' || exp <= nowSeconds) return null
  if (typeof nbf !== 'number' || nbf > nowSeconds + toleratedSkewSeconds) return null
  return { userId: sub, sessionId: sid, version: ver, generation: typeof gen === 'number' ? gen : null }
}
