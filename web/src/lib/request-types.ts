/** What the server answers about call requests, heroes, mail and the own account. */
import type { UserDetails } from './api-types.ts'

export const stages = ['needs_me', 'waiting', 'agreed', 'closed'] as const
/** Whose turn it is. */
export type Stage = (typeof stages)[number]
export type Side = 'user' | 'hero'

export interface Party {
  id: string
  first_name: string
  last_name: string
  profile_image: string | null
  timezone: string
}

export interface Proposal {
  user: Party & { created: string }
  datetime_one: string | null
  datetime_two: string | null
  datetime_three: string | null
  timestamp: string
}

export interface CallRequest {
  id: number
  hero: number
  message: string
  /** Minutes. */
  estimated_length: number
  /** Open, accepted, declined, cancelled, held. */
  status: 'o' | 'a' | 'd' | 'c' | 's'
  reason: string
  times: Proposal[]
  agreed_time: string | null
  created: string
  updated: string
  cancel_reason: string | null
  cancelled_by: string | null
  outcome: 'held' | 'hero_missed' | 'user_missed' | 'failed' | null
  outcome_reason: string | null
  stage: Stage
  side: Side | null
  user_person: Party
  hero_person: Party
}

export interface CallRequestDetail extends CallRequest {
  remind_time: string | null
  now: string
  cancellations_left: number | null
}

export interface Hero {
  id: number
  user: string
  first_name: string
  last_name: string
  profile_image: string | null
  bio: string
  timezone: string
  active: boolean
  approved: boolean
}

export interface Mail {
  id: string
  to: string
  subject: string
  body: string
  state: 'waiting' | 'sending' | 'sent' | 'kept' | 'failed'
  reason: string | null
  created: string
}

type Json<Body> = { content: { 'application/json': Body } }
type Answers<Status extends number, Body> = {
  responses: Record<Status, Json<Body>> & { default: Json<unknown> }
}
type ById = { path: { id: number } }
type Paged<Item> = { count: number; next: string | null; previous: string | null; results: Item[] }
type PageQuery = { page?: number; page_size?: number }
type Enveloped<Data> = { message: string | null; data: Data }
type Move<Body> = { patch: { parameters: ById; requestBody: Json<Body> } & Answers<200, unknown> }

export type Times = {
  time_one: string
  time_two?: string | undefined
  time_three?: string | undefined
}
export type NewRequest = { hero_id: number; message: string; estimated_length: number }
export type CancelBody = { reason: string; force: boolean }
export type ProfileChange = {
  first_name?: string
  last_name?: string
  email?: string
  phone?: string
  timezone?: string
}

export interface RequestPaths {
  '/api/requests/': {
    get: { parameters: { query?: PageQuery & { stage?: Stage } } } & Answers<
      200,
      Paged<CallRequest> & { counts: Record<Stage, number> }
    >
  }
  '/api/requests/{id}/': { get: { parameters: ById } & Answers<200, CallRequestDetail> }
  '/api/v1/call-requests/': { post: { requestBody: Json<NewRequest> } & Answers<200, { id: number }> }
  '/api/v1/call-requests/{id}/accept/': Move<Times>
  '/api/v1/call-requests/{id}/new-times/': Move<Times>
  '/api/v1/call-requests/{id}/decline/': Move<{ reason: string }>
  '/api/v1/call-requests/{id}/agreed-time/': Move<{ agreed_time: string }>
  '/api/v1/call-requests/{id}/cancel/': Move<CancelBody>
  '/api/v1/call-requests/{id}/booking-link/': {
    post: { parameters: ById; requestBody: Json<object> } & Answers<
      200,
      { user_url: string | null; hero_url: string | null; expires_at: string }
    >
  }
  '/api/v1/heroes/': {
    get: {
      parameters: { query?: PageQuery & { search?: string; waiting?: boolean } }
    } & Answers<200, Paged<Hero>>
    post: { requestBody: Json<{ bio: string }> } & Answers<201, Hero>
  }
  '/api/v1/heroes/{id}/': {
    get: { parameters: ById } & Answers<200, Hero>
    patch: { parameters: ById; requestBody: Json<{ bio?: string; active?: boolean }> } & Answers<200, Hero>
  }
  '/api/outbox/': { get: { parameters: { query?: PageQuery } } & Answers<200, Paged<Mail>> }
  '/api/accounts/verify-email/': { post: { requestBody: Json<object> } & Answers<202, Enveloped<unknown>> }
  '/api/accounts/verify-email/confirm/': { post: { requestBody: Json<{ code: string }> } & Confirmed }
  '/api/accounts/verify-phone/': {
    post: { requestBody: Json<{ channel: 'text' | 'voice' }> } & Answers<202, Enveloped<unknown>>
  }
  '/api/accounts/verify-phone/confirm/': { post: { requestBody: Json<{ otp: string }> } & Confirmed }
  '/api/accounts/payment-method/': {
    post: { requestBody: Json<object> } & Answers<
      201,
      Enveloped<{ setup_id: string; client_secret: string; provider: string }>
    >
  }
  '/api/accounts/payment-method/confirm/': { post: { requestBody: Json<{ setup_id: string }> } & Confirmed }
}
type Confirmed = Answers<200, Enveloped<{ user_details: UserDetails }>>
