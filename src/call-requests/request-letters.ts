/** The mail that tells a party what the other one did. Pure. */
import type { Mail } from '../accounts/mail.ts'
import { givenTimes, type CallRequest, type Side, type Times } from './call-request.ts'
import { localWords } from './local-time.ts'
import type { Person } from './party-store.ts'

export type Move =
  | { kind: 'asked' }
  | { kind: 'accepted'; times: Times }
  | { kind: 'proposed'; times: Times }
  | { kind: 'declined'; reason: string }
  | { kind: 'agreed' }
  | { kind: 'cancelled'; reason: string }

export type LetterFacts = {
  request: CallRequest
  move: Move
  /** Who made the move; null for somebody of the workspace. */
  mover: Side | null
  to: Person
  /** The other party, as seen by the reader. */
  other: Person
  /** Where the reader goes on without signing in. */
  link: string
  calendar: string | null
}

/** One letter. Every time stands in the zone of the reader and in that of the other party. */
export function letter(facts: LetterFacts): Mail {
  const { request, to, link, calendar } = facts
  const { subject, lines } = contentOf(facts)
  const about = `About: ${request.message}\nLength: ${request.estimatedLength} minutes`
  const body = [
    `Hello ${to.firstName || 'there'},`,
    '',
    ...lines,
    '',
    about,
    '',
    `Answer here: ${link}`,
  ].join('\n')
  return { to: to.email, subject, body, calendar }
}

export function nameOf(person: Pick<Person, 'firstName' | 'lastName'>): string {
  return `${person.firstName} ${person.lastName}`.trim() || 'Somebody'
}

/** `Mon 25 Dec 2017, 11:45 (Kathmandu, UTC+05:45); for Tom: Mon 25 Dec 2017, 00:00 (Chicago, UTC-06:00)`. */
export function bothClocks(at: Date, reader: Person, other: Person): string {
  const own = localWords(at, reader.timeZone)
  if (reader.timeZone === other.timeZone) return own
  return `${own}; for ${other.firstName || nameOf(other)}: ${localWords(at, other.timeZone)}`
}

function contentOf({ request, move, mover, to, other }: LetterFacts): { subject: string; lines: string[] } {
  const name = mover === null ? 'The office' : nameOf(other)
  switch (move.kind) {
    case 'asked':
      return { subject: `${name} asks you for a call`, lines: [`${name} asks you for a call.`] }
    case 'accepted':
    case 'proposed': {
      const first = move.kind === 'accepted' ? `${name} accepts your request` : `${name} suggests other times`
      const times = givenTimes(move.times).map((time) => `  - ${bothClocks(time, to, other)}`)
      return { subject: first, lines: [`${first}. Choose one of these, or suggest others:`, ...times] }
    }
    case 'declined':
      return {
        subject: `${name} declines the call`,
        lines: [`${name} declines the call.`, `Reason: ${move.reason}`],
      }
    case 'agreed': {
      const at = request.agreedTime ?? request.updatedAt
      const when = bothClocks(at, to, other)
      return {
        subject: `Agreed: ${localWords(at, to.timeZone)}`,
        lines: [
          `You and ${nameOf(other)} talk on ${when}.`,
          'We text you fifteen minutes before, and ring you both at that time.',
        ],
      }
    }
    case 'cancelled':
      return {
        subject: `${name} cancels the call`,
        lines: [`${name} cancels the call.`, `Reason: ${move.reason}`],
      }
  }
}
