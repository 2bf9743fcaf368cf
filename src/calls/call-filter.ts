/** Which calls a list or the board is asked for: reading the query. Pure. */
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import { shown } from '../http/validation.ts'
import { seesAll, type Principal } from '../http/principal.ts'
import type { Bucket } from './call.ts'
import { readInstant } from './given-instant.ts'

export type CallFilter = {
  campaignId: number | null
  /** `own`: the calls of the agent who asks; nothing at all when there is no such agent. */
  agent: { id: string | null } | null
  /** Created at or after, and before. */
  from: Date | null
  to: Date | null
  search: Search | null
}

/** `digits` are looked for in the number, `text` (lower case) in the name. */
export type Search = { digits: string | null; text: string }

export const FilterQuery = {
  campaign: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Calls of this campaign' }),
  ),
  agent: Type.Optional(Type.String({ format: 'uuid', description: 'Calls of this agent' })),
  from: Type.Optional(Type.String({ maxLength: 40, description: 'Created at or after this instant' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'Created before this instant' })),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Part of a number or of a name' })),
}

export type GivenFilter = {
  campaign?: number
  agent?: string
  from?: string
  to?: string
  q?: string
}

/** The calls that `principal` asks for and may see. An instant without a zone is UTC. */
export function readFilter(query: GivenFilter, principal: Principal): CallFilter {
  return {
    campaignId: query.campaign ?? null,
    agent: agentOf(query.agent ?? null, principal),
    from: readBound('from', query.from),
    to: readBound('to', query.to),
    search: readSearch(query.q ?? ''),
  }
}

/** True when the counters that are kept with every change say how many calls match. */
export function isCounted(filter: CallFilter): boolean {
  return filter.agent === null && filter.from === null && filter.to === null && filter.search === null
}

const bucketWords: Readonly<Record<string, Bucket>> = {
  pending: 'pending',
  active: 'active',
  in_progress: 'active',
  completed: 'completed',
  failed: 'failed',
}

/** The bucket that a `status` names; null when it names none. */
export function bucketNamed(status: string): Bucket | null {
  const word = status.trim().toLowerCase()
  return Object.hasOwn(bucketWords, word) ? (bucketWords[word] ?? null) : null
}

/** An agent sees the own calls only, and none when asking for another's. */
function agentOf(asked: string | null, principal: Principal): { id: string | null } | null {
  if (seesAll(principal)) return asked === null ? null : { id: asked.toLowerCase() }
  const own = principal.agentId
  return { id: asked === null || asked.toLowerCase() === own ? own : null }
}

function readBound(param: 'from' | 'to', given: string | undefined): Date | null {
  if (given === undefined || given.trim() === '') return null
  const at = readInstant(given, 'UTC')
  if (at !== null) return at
  const message = `${param} must be an instant like 2026-11-20T10:00:00Z; ${shown(given)} is not.`
  throw new AppError('invalid', 'invalid_field', message, { param })
}

/** Punctuation of a number is not looked at, as long as it is nearly all digits. */
function readSearch(given: string): Search | null {
  const text = given.trim().toLowerCase()
  if (text === '') return null
  const digits = text.replaceAll(/\D/g, '')
  const isNumber = digits !== '' && /^[\d\s()+./-]+$/.test(text)
  return { digits: isNumber ? digits : null, text }
}
