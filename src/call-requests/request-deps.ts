import type { FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Sql, Tx } from '../db/sql.ts'
import { originOf } from '../http/paging.ts'
import type { BookingLinks } from './booking-link.ts'
import type { MoveContext } from './request-moves.ts'

/** What the routes of call requests work with. */
export type RequestDeps = {
  sql: Sql
  clock: Clock
  links: BookingLinks
  /** Where the outside reaches this server; null: as each request says. */
  publicUrl: string | null
  /** What fees are charged in. */
  currency: string
}

export function originFor(request: FastifyRequest, deps: Pick<RequestDeps, 'publicUrl'>): string {
  return deps.publicUrl ?? originOf(request)
}

export function contextOf(request: FastifyRequest, tx: Tx, deps: RequestDeps): MoveContext {
  const { links, currency } = deps
  return { tx, now: deps.clock.now(), links, origin: originFor(request, deps), currency }
}
