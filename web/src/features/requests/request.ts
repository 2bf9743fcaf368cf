/** What a call request says to the one who looks at it. Pure. */
import type { CallRequest, CallRequestDetail, Hero, Party, Proposal, Stage } from '../../lib/request-types.ts'

export const stageWords: Record<Stage, string> = {
  needs_me: 'Needs my answer',
  waiting: 'Waiting',
  agreed: 'Agreed',
  closed: 'Closed',
}

export function nameOf(person: Pick<Party | Hero, 'first_name' | 'last_name'>): string {
  return `${person.first_name} ${person.last_name}`.trim() || 'Somebody'
}

/** Whoever is not looking; for who is no party, the one who asks. */
export function otherOf(request: CallRequest): Party {
  return request.side === 'user' ? request.hero_person : request.user_person
}

export function meOf(request: CallRequest): Party {
  return request.side === 'user' ? request.user_person : request.hero_person
}

export function timesOf(proposal: Proposal): string[] {
  return [proposal.datetime_one, proposal.datetime_two, proposal.datetime_three].filter(
    (time) => time !== null,
  )
}

/** The times of the other party that may be agreed on now. */
export function choicesOf(request: CallRequest, now: number): string[] {
  if (request.status !== 'a' || request.side === null || request.stage !== 'needs_me') return []
  const other = otherOf(request)
  const theirs = request.times.filter((proposal) => proposal.user.id === other.id).at(-1)
  return theirs === undefined ? [] : timesOf(theirs).filter((time) => Date.parse(time) > now)
}

/** Where the request stands, in one sentence. */
export function stateSentence(request: CallRequest): string {
  const other = nameOf(otherOf(request))
  switch (request.status) {
    case 'o':
      if (request.side === 'hero') return `${other} asks for a call of ${request.estimated_length} minutes.`
      return request.side === 'user'
        ? `${other} has not answered yet.`
        : `Waiting for ${nameOf(request.hero_person)}.`
    case 'd':
      return `Declined: ${request.reason}`
    case 'c':
      return `Cancelled${cancelledBy(request)}: ${request.cancel_reason ?? ''}`
    case 's':
      return 'The call took place.'
    case 'a':
      return acceptedSentence(request, other)
  }
}

function acceptedSentence(request: CallRequest, other: string): string {
  const round = request.times.length
  if (request.stage === 'agreed') return 'Agreed. Both phones ring then.'
  if (request.outcome !== null) return missedSentence(request, other)
  const kept = request.agreed_time === null ? '' : ' The agreed time stands until another one is.'
  if (request.side === null) return `Round ${round} of the negotiation.${kept}`
  return request.stage === 'needs_me'
    ? `${other} suggested times (round ${round}). Pick one or suggest others.${kept}`
    : `You suggested times (round ${round}). ${other} has not answered yet.${kept}`
}

function missedSentence({ outcome, side }: CallRequest, other: string): string {
  const absent = outcome === 'hero_missed' ? 'hero' : outcome === 'user_missed' ? 'user' : null
  if (absent === null) return 'The call could not be connected. Suggest new times.'
  if (absent === side) return 'You could not be reached. Suggest new times.'
  return `${other} could not be reached. Suggest new times.`
}

function cancelledBy(request: CallRequest): string {
  const by = [request.user_person, request.hero_person].find((one) => one.id === request.cancelled_by)
  if (by === undefined) return ' by the office'
  return by.id === meOf(request).id && request.side !== null ? ' by you' : ` by ${nameOf(by)}`
}

/** What may be done with it now. */
export function movesOf(
  request: CallRequestDetail,
): Record<'accept' | 'decline' | 'propose' | 'cancel', boolean> {
  const { status, side } = request
  return {
    accept: status === 'o' && side === 'hero',
    decline: status === 'o' && side === 'hero',
    propose: status === 'a' && side !== null,
    cancel: status === 'o' || status === 'a',
  }
}
