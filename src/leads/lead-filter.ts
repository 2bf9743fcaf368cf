/** Which leads a list is asked for: reading the query. Pure. */
import { Type } from '@fastify/type-provider-typebox'
import { seesAll, type Principal } from '../http/principal.ts'
import { toAsciiDigits } from '../numbers/number-repair.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { leadStatuses, type LeadStatus } from './lead.ts'

export type LeadFilter = {
  workspaceId: number
  status: LeadStatus | null
  /** A person's id, `none` for leads nobody has, null for all. */
  assignedTo: string | null
  campaign: string | null
  doNotCall: boolean | null
  search: LeadSearch | null
}

/** `digits` are looked for in the numbers, `text` (small letters) in the names; `e164` is the number itself. */
export type LeadSearch = { text: string; digits: string | null; e164: string | null }

export const FilterQuery = {
  search: Type.Optional(
    Type.String({ maxLength: 200, description: 'A name, or part of a number in any form' }),
  ),
  status: Type.Optional(Type.Enum([...leadStatuses])),
  agent: Type.Optional(
    Type.String({ maxLength: 255, description: 'A username, the id of a person or an agent, or none' }),
  ),
  campaign: Type.Optional(Type.String({ maxLength: 100 })),
  do_not_call: Type.Optional(Type.Boolean()),
}

export type GivenFilter = {
  search?: string
  status?: LeadStatus
  agent?: string
  campaign?: string
  do_not_call?: boolean
}

export type FilterFacts = {
  principal: Principal
  defaultRegion: string
  /** The person that `agent` names; null when nobody has that name. */
  namedAgent: string | null
}

/** The leads that the principal asks for and may see: an agent's are the own, whatever was asked. */
export function readLeadFilter(query: GivenFilter, facts: FilterFacts): LeadFilter {
  const { principal } = facts
  return {
    workspaceId: principal.workspaceId,
    status: query.status ?? null,
    assignedTo: agentOf(query.agent?.trim() ?? '', facts),
    campaign: query.campaign?.trim() || null,
    doNotCall: query.do_not_call ?? null,
    search: readSearch(query.search ?? '', facts.defaultRegion),
  }
}

/** An id that no row has: a list of nobody. */
const nobody = '00000000-0000-0000-0000-000000000000'

function agentOf(asked: string, { principal, namedAgent }: FilterFacts): string | null {
  const own = principal.userId ?? nobody
  if (!seesAll(principal)) return asked === '' || namedAgent === own ? own : nobody
  if (asked === '') return null
  return asked.toLowerCase() === 'none' ? 'none' : (namedAgent ?? nobody)
}

/** Digits of any script, with any punctuation, with or without what is dialed before them. */
export function readSearch(given: string, defaultRegion: string): LeadSearch | null {
  const text = toAsciiDigits(given.normalize('NFKC')).trim().toLowerCase()
  if (text === '') return null
  const isNumber = /\d/.test(text) && /^[\d\s()+./-]+$/.test(text)
  if (!isNumber) return { text, digits: null, e164: null }
  const digits = text.replaceAll(/\D/g, '').replace(/^0+(?=\d)/, '')
  return { text, digits, e164: readPhoneNumber(text, defaultRegion).e164 }
}
