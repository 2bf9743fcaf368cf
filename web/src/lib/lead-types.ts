/** The API of leads and dialers as the console uses it. */
export interface Lead extends Record<string, unknown> {
  id: number
  full_name: string | null
  company_name: string | null
  phone: string | null
  phone_e164: string | null
  alt_phone: string | null
  email: string | null
  status: string
  assigned_agent: string | null
  assigned_agent_name: string | null
  do_not_call: boolean
  local_timezone: string | null
  notes: string | null
  campaign: string | null
  dialer_lead_id: string | null
  created_at: string
  updated_at: string
}

export interface Paged<Item> {
  count: number | null
  next: string | null
  previous: string | null
  results: Item[]
}

export interface TimelineEntry {
  at: string
  kind: string
  id: string
  data: Record<string, unknown>
}

export interface Facet {
  value: string | null
  count: number
  name?: string | null
}

export interface IntakeEntry {
  id: number
  received_at: string
  status: 'taken' | 'rejected'
  user: string | null
  dialer_user_id: string | null
  name: string | null
  phone: string | null
  error_code: string | null
  error: string | null
  note: string | null
  lead_id: number | null
  replays: number
}

export interface DialerKey {
  id: string
  name: string
  created: string
  last_used: string | null
  overlap_ends: string | null
}

export interface Person {
  id: string
  username: string
  first_name: string
  last_name: string
  role: string
  dialer_user_id: string | null
  is_active: boolean
}

type Json<Body> = { content: { 'application/json': Body } }
type Refusal = Json<unknown>
type Answers<Status extends number, Body> = { responses: Record<Status, Json<Body>> & { default: Refusal } }
type ById = { path: { id: number } }
type ByUuid = { path: { id: string } }
export type LeadQuery = {
  page?: number
  page_size?: number
  search?: string
  status?: string
  agent?: string
  campaign?: string
}

export interface LeadPaths {
  '/api/leads/': {
    get: { parameters: { query?: LeadQuery } } & Answers<200, Paged<Lead>>
    post: { requestBody: Json<Record<string, unknown>> } & Answers<201, Lead>
  }
  '/api/leads/facets/': {
    get: { parameters: { query?: LeadQuery } } & Answers<
      200,
      Record<'status' | 'agent' | 'campaign', Facet[]>
    >
  }
  '/api/leads/{id}/': {
    get: { parameters: ById } & Answers<200, Lead>
    patch: { parameters: ById; requestBody: Json<Record<string, unknown>> } & Answers<200, Lead>
  }
  '/api/leads/{id}/timeline/': {
    get: { parameters: ById & { query?: { page_size?: number } } } & Answers<200, Paged<TimelineEntry>>
  }
  '/api/leads/{id}/duplicates/': { get: { parameters: ById } & Answers<200, Paged<Lead>> }
  '/api/leads/{id}/merge/': {
    get: { parameters: ById & { query: { from: number } } } & Answers<200, MergePreview>
    post: { parameters: ById; requestBody: Json<{ from: number }> } & Answers<200, Lead>
  }
  '/api/leads/intake-log/': {
    get: { parameters: { query?: { status?: string; page?: number; page_size?: number } } } & Answers<
      200,
      Paged<IntakeEntry>
    >
  }
  '/api/leads/intake-log/{id}/replay/': {
    post: { parameters: ById } & Answers<200, { lead: Lead; message: string }>
  }
  '/api/dialer-keys/': {
    get: Answers<200, Paged<DialerKey>>
    post: { requestBody: Json<{ name: string }> } & Answers<201, DialerKey & { key: string }>
  }
  '/api/dialer-keys/{id}/rotate/': {
    post: { parameters: ByUuid; requestBody: Json<{ overlap_hours: number }> } & Answers<
      200,
      DialerKey & { key: string }
    >
  }
  '/api/dialer-keys/{id}/': {
    delete: { parameters: ByUuid; responses: { 204: { content?: never }; default: Refusal } }
  }
  '/api/users/': { get: { parameters: { query?: { page_size?: number } } } & Answers<200, Paged<Person>> }
  '/api/users/{id}/': {
    patch: { parameters: ByUuid; requestBody: Json<{ dialer_user_id: string | null }> } & Answers<200, Person>
  }
  '/api/calls/': { post: { requestBody: Json<Record<string, unknown>> } & Answers<201, unknown> }
  '/call/': { post: { requestBody: Json<Record<string, unknown>> } & Answers<201, unknown> }
}

export interface MergePreview {
  keep: Lead
  from: Lead
  changes: Record<string, { from: string | null; to: string | null }>
  moves: Record<string, number>
}
