/** The URL is the state: what each page reads from it. A value that makes no sense is left out, never an error. */
import type { BoardSearch } from '../features/calls/board-page.tsx'
import type { Bucket } from '../features/calls/board.ts'
import type { TodaySearch } from '../features/call-plans/today-page.tsx'
import type { MessagesSearch } from '../features/messages/messages-page.tsx'
import type { NumbersSearch } from '../features/numbers/numbers-page.tsx'
import type { OtpSearch } from '../features/otp/otp-page.tsx'
import { messageStatuses } from '../features/messages/message-statuses.ts'
import type { IntakeSearch } from '../features/intake/intake-page.tsx'
import type { LeadsSearch } from '../features/leads/leads-page.tsx'
import type { HeroesSearch } from '../features/requests/heroes-page.tsx'
import type { RequestsSearch } from '../features/requests/requests-page.tsx'
import { stages } from '../lib/request-types.ts'
import type { CampaignsSearch } from '../features/campaigns/campaigns-page.tsx'

type Given = Record<string, unknown>

export function toBoardSearch(given: Given): BoardSearch {
  return present({
    campaign: toId(given['campaign']),
    q: toText(given['q']),
    call: toText(given['call']),
    lane: toBucket(given['lane']),
  })
}

export function toTodaySearch(given: Given): TodaySearch {
  return present({ queue: toFlag(given['queue']), plan: toId(given['plan']) })
}

export function toCampaignsSearch(given: Given): CampaignsSearch {
  return present({ page: toId(given['page']), q: toText(given['q']) })
}

export function toMessagesSearch(given: Given): MessagesSearch {
  return present({
    view: given['view'] === 'received' ? 'received' : undefined,
    status: messageStatuses.find((status) => status === given['status']),
    q: toText(given['q']),
    message: toText(given['message']),
  })
}

export function toNewCampaignSearch(given: Given): {
  sample?: boolean | undefined
  campaign?: number | undefined
} {
  return present({ sample: toFlag(given['sample']), campaign: toId(given['campaign']) })
}

export function toLeadsSearch(given: Given): LeadsSearch {
  return present({
    q: toText(given['q']),
    status: toText(given['status']),
    agent: toText(given['agent']),
    campaign: toText(given['campaign']),
  })
}

/** Only the lead's id is believed; whatever else a dialer put into the address is gone by now. */
export function toAgentSearch(given: Given): { lead_id?: number | undefined } {
  return present({ lead_id: toId(given['lead_id']) })
}

export function toIntakeSearch(given: Given): IntakeSearch {
  const status = given['status']
  return present({
    status: status === 'taken' || status === 'rejected' ? status : undefined,
    page: toId(given['page']),
  })
}

export function toNumbersSearch(given: Given): NumbersSearch {
  return present({
    view: given['view'] === 'available' ? 'available' : undefined,
    country: toText(given['country']),
    contains: toText(given['contains']),
    capability: toText(given['capability']),
  })
}

export function toOtpSearch(given: Given): OtpSearch {
  return present({ page: toId(given['page']) })
}

export function toRequestsSearch(given: Given): RequestsSearch {
  return present({ stage: stages.find((stage) => stage === given['stage']), page: toId(given['page']) })
}

export function toHeroesSearch(given: Given): HeroesSearch {
  return present({ q: toText(given['q']), page: toId(given['page']) })
}

export function toOutboxSearch(given: Given): { page?: number | undefined } {
  return present({ page: toId(given['page']) })
}

export function toSignInSearch(given: Given): { next?: string | undefined } {
  const next = toText(given['next'])
  // Only a path of our own: a sign-in link must not lead elsewhere.
  return next !== undefined && /^\/(?![/\\])/.test(next) ? { next } : {}
}

/** Search values are plain words: "8" is 8, and a number to look for keeps its digits as they were typed. */
export function parseSearch(search: string): Given {
  return Object.fromEntries(new URLSearchParams(search))
}

export function writeSearch(search: Given): string {
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      words.set(name, `${value}`)
  }
  const text = words.toString()
  return text === '' ? '' : `?${text}`
}

function toFlag(value: unknown): true | undefined {
  return value === 'true' || value === true ? true : undefined
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function toId(value: unknown): number | undefined {
  const id = Number(value)
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}

function toBucket(value: unknown): Bucket | undefined {
  return value === 'pending' || value === 'active' || value === 'completed' || value === 'failed'
    ? value
    : undefined
}

function present<T extends object>(members: T): T {
  for (const name of Object.keys(members)) {
    if (members[name as keyof T] === undefined) delete members[name as keyof T]
  }
  return members
}
