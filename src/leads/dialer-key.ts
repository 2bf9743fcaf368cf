/** The secrets of dialer keys, and the first key of an installation. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { findWorkspace } from '../accounts/workspace-store.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { uuidV7 } from '../random.ts'
import {
  findDialerKey,
  hasHadKeys,
  insertDialerKey,
  knowsSecret,
  type FoundDialerKey,
} from './dialer-key-store.ts'

export type DialerKeys = {
  /** The secret of a key. Derived, so that a repeated request can be told it again without it being stored. */
  secretOf(id: string, generation: number): string
  /** The live key that a secret opens; null when it opens none. */
  identify(secret: string, at: { now: Date; wall: Date }): Promise<FoundDialerKey | null>
  /** Makes the installation's first key, once there is a workspace. Returns the secret to show, or null: nothing new. */
  ensureFirst(now: Date): Promise<string | null>
}

/**
 * The first key is the one that was configured (`DIALER_API_KEY`), else one that is derived from the installation's
 * secret and shown once. It belongs to the first workspace. One that was revoked is not made again.
 */
export function createDialerKeys(deps: { sql: Sql; secret: Buffer; configured: string | null }): DialerKeys {
  const { sql, secret, configured } = deps
  const derive = (text: string) => `dk_${createHmac('sha256', secret).update(text).digest('base64url')}`
  const first = configured ?? derive('first')

  async function ensureFirst(now: Date): Promise<string | null> {
    const isMade = await transaction(sql, async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('first dialer key'))`
      const workspace = await findWorkspace(tx, null)
      if (workspace === null) return true
      const workspaceId = workspace.id
      const isKnown =
        configured === null ? await hasHadKeys(tx, workspaceId) : await knowsSecret(tx, hashOf(first))
      if (isKnown) return false
      const name = configured === null ? 'First key' : 'DIALER_API_KEY'
      const id = uuidV7(now.getTime())
      await insertDialerKey(tx, { workspaceId, id, name, hash: hashOf(first), createdBy: null, now })
      return true
    })
    return isMade && configured === null ? first : null
  }

  return {
    secretOf: (id, generation) => derive(`${id} ${generation}`),
    async identify(given, { now, wall }) {
      if (given === '' || given.length > 500) return null
      const found = await findDialerKey(sql, hashOf(given), wall)
      // The workspace may be younger than the server.
      if (found !== null || !timingSafeEqual(hashOf(given), hashOf(first))) return found
      await ensureFirst(now)
      return findDialerKey(sql, hashOf(given), wall)
    },
    ensureFirst,
  }
}

/** What is stored of a secret: those made here have 256 random bits, so a plain hash cannot be turned back. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
