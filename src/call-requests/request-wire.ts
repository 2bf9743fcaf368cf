/** How a call request is written, in the words of its documents. */
import { Type } from '@fastify/type-provider-typebox'
import { sixDecimalsText } from '../http/instants.ts'
import type { CallRequest, Proposal } from './call-request.ts'
import type { Person } from './party-store.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])

const ProposalWire = Type.Object({
  user: Type.Object({
    id: Type.String({ format: 'uuid' }),
    first_name: Type.String(),
    last_name: Type.String(),
    profile_image: nullableText,
    timezone: Type.String(),
    created: Type.String(),
  }),
  datetime_one: nullableText,
  datetime_two: nullableText,
  datetime_three: nullableText,
  timestamp: Type.String(),
})

export const RequestWire = Type.Object({
  id: Type.Integer(),
  user: Type.String({ format: 'uuid' }),
  hero: Type.Integer(),
  message: Type.String(),
  estimated_length: Type.Integer(),
  status: Type.Enum(['o', 'a', 'd', 'c', 's'], {
    description: 'Open, accepted, declined, cancelled, held: both were joined',
  }),
  reason: Type.String(),
  times: Type.Array(ProposalWire),
  agreed_time: nullableText,
  created: Type.String(),
  updated: Type.String(),
  cancel_reason: nullableText,
  cancelled_by: nullableText,
  call_id: nullableText,
  outcome: Type.Union([Type.Enum(['held', 'hero_missed', 'user_missed', 'failed']), Type.Null()]),
})

/** `people` holds everybody who proposed; `origin` makes the address of a stored picture absolute. */
export function toRequestWire(request: CallRequest, people: ReadonlyMap<string, Person>, origin: string) {
  return {
    id: request.id,
    user: request.userId,
    hero: request.heroId,
    message: request.message,
    estimated_length: request.estimatedLength,
    status: request.status,
    reason: request.reason,
    times: request.proposals.map((proposal) => toProposalWire(proposal, people, origin)),
    agreed_time: textOf(request.agreedTime),
    created: sixDecimalsText(request.createdAt),
    updated: sixDecimalsText(request.updatedAt),
    cancel_reason: request.cancelReason,
    cancelled_by: request.cancelledBy,
    call_id: request.callId,
    outcome: request.outcome,
  }
}

function toProposalWire(proposal: Proposal, people: ReadonlyMap<string, Person>, origin: string) {
  const person = people.get(proposal.userId)
  if (person === undefined) throw new Error('a proposal of somebody who is not there')
  const [one, two, three] = proposal.times
  return {
    user: {
      id: person.id,
      first_name: person.firstName,
      last_name: person.lastName,
      profile_image: person.profileImage === null ? null : new URL(person.profileImage, origin).href,
      timezone: person.timeZone,
      created: sixDecimalsText(person.createdAt),
    },
    datetime_one: textOf(one),
    datetime_two: textOf(two),
    datetime_three: textOf(three),
    timestamp: sixDecimalsText(proposal.createdAt),
  }
}

function textOf(at: Date | null): string | null {
  return at === null ? null : sixDecimalsText(at)
}
