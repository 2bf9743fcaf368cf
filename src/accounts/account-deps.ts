import type { FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import { originOf } from '../http/paging.ts'
import type { Payments } from './payment.ts'

/** What the routes of accounts work with. */
export type AccountDeps = {
  sql: Sql
  clock: Clock
  /** Where the outside reaches this server; null: as each request says. */
  publicUrl: string | null
  /** What a new workspace begins with. */
  defaults: { timeZone: string; defaultRegion: string }
  /** API keys are derived from it and from their id, and stored nowhere. */
  keySecret: Buffer
  /** Codes that prove an address are stored as keyed hashes. */
  codeKey: Buffer
  payments: Payments
}

export function originFor(request: FastifyRequest, deps: Pick<AccountDeps, 'publicUrl'>): string {
  return deps.publicUrl ?? originOf(request)
}
