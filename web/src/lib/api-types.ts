// The part of the API that the console uses, in the names it uses. /openapi.json describes everything.

export interface paths {
  '/api/accounts/login/': {
    post: {
      requestBody: { content: { 'application/json': { email: string; password: string } } }
      responses: { 200: { content: { 'application/json': Envelope } }; default: Refusal }
    }
  }
  '/api/accounts/logout/': {
    post: { responses: { 200: { content: { 'application/json': Envelope } }; default: Refusal } }
  }
  '/api/accounts/user_details/': {
    get: {
      responses: {
        200: { content: { 'application/json': Envelope<{ user_details: UserDetails }> } }
        default: Refusal
      }
    }
    patch: {
      requestBody: { content: { 'application/json': object } }
      responses: {
        200: { content: { 'application/json': Envelope<{ user_details: UserDetails }> } }
        default: Refusal
      }
    }
  }
  '/api/setup/': {
    post: {
      requestBody: { content: { 'application/json': Setup } }
      responses: { 201: { content: { 'application/json': Envelope } }; default: Refusal }
    }
  }
  '/api/mode/': {
    get: { responses: { 200: { content: { 'application/json': Mode } }; default: Refusal } }
  }
  '/api/jobs/{id}/': {
    get: {
      parameters: { path: { id: number } }
      responses: { 200: { content: { 'application/json': Job } }; default: Refusal }
    }
  }
  '/api/messages/': {
    get: {
      parameters: { query?: { page_size?: number; cursor?: string; status?: MessageStatus; q?: string } }
      responses: { 200: { content: { 'application/json': CursorPage<Message> } }; default: Refusal }
    }
    post: {
      requestBody: { content: { 'application/json': { to_number: string; message: string } } }
      responses: { 201: { content: { 'application/json': MessageDetail } }; default: Refusal }
    }
  }
  '/api/messages/inbound/': {
    get: {
      parameters: { query?: { page_size?: number; cursor?: string } }
      responses: { 200: { content: { 'application/json': CursorPage<ReceivedMessage> } }; default: Refusal }
    }
  }
  '/api/messages/{message_id}/': {
    get: {
      parameters: { path: { message_id: string } }
      responses: { 200: { content: { 'application/json': MessageDetail } }; default: Refusal }
    }
  }
  '/api/hume-twilio/dashboard/outbound/scheduled/': {
    get: {
      parameters: {
        query?: { limit?: number; status?: Bucket; cursor?: string; campaign?: number; q?: string }
      }
      responses: { 200: { content: { 'application/json': Dashboard } }; default: Refusal }
    }
  }
  '/api/calls/{call_id}/': {
    get: {
      parameters: { path: { call_id: string } }
      responses: { 200: { content: { 'application/json': CallDetail } }; default: Refusal }
    }
  }
  '/api/calls/{call_id}/hangup/': {
    post: {
      parameters: { path: { call_id: string } }
      responses: { 200: { content: { 'application/json': unknown } }; default: Refusal }
    }
  }
  '/call/today/': {
    get: {
      parameters: { query?: { include_overdue?: boolean; expand?: 'person' } }
      responses: { 200: { content: { 'application/json': CallPlan[] } }; default: Refusal }
    }
  }
  '/call/{id}/': {
    get: {
      parameters: { path: { id: number } }
      responses: { 200: { content: { 'application/json': CallPlan } }; default: Refusal }
    }
    patch: {
      parameters: { path: { id: number } }
      requestBody: { content: { 'application/json': { next_call_date?: string; notes?: string } } }
      responses: { 200: { content: { 'application/json': CallPlan } }; default: Refusal }
    }
  }
  '/call/{id}/record_call/': {
    post: {
      parameters: { path: { id: number } }
      requestBody: { content: { 'application/json': RecordedCall } }
      responses: { 200: { content: { 'application/json': CallPlan } }; default: Refusal }
    }
  }
  '/call/{id}/history/': {
    get: {
      parameters: { path: { id: number }; query?: { limit?: number } }
      responses: { 200: { content: { 'application/json': PlanCall[] } }; default: Refusal }
    }
  }
  '/call/{id}/dial/': {
    post: {
      parameters: { path: { id: number } }
      responses: { 202: { content: { 'application/json': CallDetail } }; default: Refusal }
    }
  }
  '/api/system/campaigns/': {
    get: {
      parameters: { query?: { page?: number; page_size?: number } }
      responses: { 200: { content: { 'application/json': CampaignList } }; default: Refusal }
    }
    post: {
      requestBody: { content: { 'application/json': NewCampaign } }
      responses: {
        201: { content: { 'application/json': Envelope<{ details: CampaignDetails }> } }
        default: Refusal
      }
    }
  }
  '/api/system/campaigns/{id}/details/': {
    get: {
      parameters: { path: { id: number } }
      responses: {
        200: { content: { 'application/json': Envelope<{ details: CampaignDetails }> } }
        default: Refusal
      }
    }
  }
  '/api/system/campaigns/{id}/begin/': {
    post: {
      parameters: { path: { id: number } }
      requestBody: { content: { 'application/json': Begin } }
      responses: { 200: { content: { 'application/json': Envelope } }; default: Refusal }
    }
  }
  '/api/system/campaigns/{id}/pause/': { post: CampaignAction }
  '/api/system/campaigns/{id}/resume/': { post: CampaignAction }
  '/api/system/campaigns/{id}/stop/': { post: CampaignAction }
  '/api/system/campaigns/number/{id}': {
    get: {
      parameters: { path: { id: number }; query?: { page?: number; page_size?: number } }
      responses: { 200: { content: { 'application/json': Envelope<NumberList> } }; default: Refusal }
    }
  }
}

export interface Envelope<Data = unknown> {
  status: number
  success: boolean
  message: string | null
  errors: unknown[]
  data: Data
}

interface Refusal {
  content: { 'application/json': ErrorBody }
}

export interface ErrorBody {
  error: string
  code?: string
  title?: string
  type?: string
  param?: string
  errors?: { param: string; code: string; message: string }[]
  request_id?: string
}

export interface UserDetails {
  id: string
  email: string
  username: string
  first_name: string
  last_name: string
  role: 'admin' | 'manager' | 'agent' | 'hero' | 'caller'
  timezone: string | null
  contact_number: string
  is_verified_email: boolean
  is_verified_phone: boolean
  is_verified_payment: boolean
  hero_id: number | null
}

export interface Setup {
  token: string
  email: string
  password: string
  time_zone: string
}

export interface Mode {
  carrier: 'simulated' | 'live'
  carrier_name: string
  workspace: string
  time_zone: string
  product_time: string
  /** Why nobody is dialed at the moment. */
  dialing: { blocked_reason: string | null }
}

export interface Job {
  id: number
  status: string
  total: number | null
  done: number
  errors: { row: number; given: string; error: string }[]
}

export type Bucket = 'pending' | 'active' | 'completed' | 'failed'

export interface Call {
  call_id: string
  call_sid: string | null
  to_number: string
  customer_name: string | null
  status: string
  state?: string
  agent: { id: string | null; name: string }
  created_at: string
  started_at: string | null
  duration: number
  campaign_id?: number | null
}

export interface CallDetail extends Call {
  from_number?: string | null
  reason?: string | null
  ended_at?: string | null
  answered_by?: string | null
  pressed?: string | null
  recording?: { url: string | null; duration: number; deleted: boolean } | null
  history?: { at: string; kind: string; source: string; state: string; detail?: unknown }[]
}

export interface CallPlan {
  id: number
  lead: number
  frequency: string
  last_called: string | null
  next_call_date: string
  notes: string
  paused?: boolean
  person?: { name: string; phone: string; status: string; time_zone: string | null }
}

export interface RecordedCall {
  last_called?: string
  outcome?: string
  notes?: string
}

export interface PlanCall {
  id: number
  called_at: string
  outcome: string | null
  notes: string
  call_id: string | null
}

export interface Dashboard {
  success: boolean
  calls: Record<Bucket, Call[]>
  pagination?: Partial<Record<Bucket, { next: string | null }>>
  summary: Record<`total_${Bucket}`, number>
}

export interface CampaignSummary {
  id: number
  name: string
  services: 'PHONE' | 'SMS'
  description: string
  usable_tags: string[]
  status: string
  number_count: number
  progress?: Record<string, number>
}

export interface CampaignList {
  pagination: {
    total_items: number
    total_pages: number
    page_number: number
    has_next: boolean
    has_previous: boolean
  }
  result: { messages: string; 'campaign-lists': CampaignSummary[] }
}

export interface CampaignDetails extends CampaignSummary {
  message?: string | null
  voice_input?: string | null
  aud_file?: number | null
  priority?: 'message' | 'audio' | null
  user_phone?: string[]
  answering_machine?: MachineChoice
  keypresses?: Record<string, KeyMeaning> | null
  record?: boolean
  calling_hours?: Record<string, [string, string]> | null
  retry?: RetryRule | null
  breaker?: BreakerRule | null
  run_id?: number | null
  pause_reason?: { code: string; message: string } | null
  started_at?: string | null
  ended_at?: string | null
  scheduled_for?: string | null
  accepted?: number
  rejected?: unknown[]
  import?: CampaignImport | null
}

export interface CampaignImport {
  id: number
  status: string
  total: number | null
  done: number
  accepted: number
  rejected: number
  duplicates: number
  error: string | null
}

export interface NewCampaign {
  name: string
  services: 'PHONE' | 'SMS'
  description?: string
  individual_number?: string[]
  /** The name or id of a file uploaded before. */
  send_to_number_file?: string
  /** Counted from 0; the one that was found when it is not given. */
  number_column?: number
}

export type MachineChoice = 'ignore' | 'hang_up' | 'leave_message' | 'treat_as_answered'

export interface KeyMeaning {
  label: string
  transfer_to: string | null
}

export interface RetryRule {
  max_attempts: number
  no_answer?: { times: number; delay_minutes: number }
  busy?: { times: number; delay_minutes: number }
  failed?: { times: number; delay_minutes: number }
  hungup?: { times: number; delay_minutes: number }
}

export interface BreakerRule {
  failed_percent: number
  of_last: number
}

/** Everything a begin may name; what it leaves out stays as it was stored. */
export interface Begin {
  message?: string
  voice_input?: string
  aud_file?: number
  priority?: 'message' | 'audio'
  schedule_date?: string
  status?: string[]
  user_phone?: string[]
  answering_machine?: MachineChoice
  keypresses?: Record<string, KeyMeaning> | null
  record?: boolean
  calling_hours?: Record<string, [string, string]> | null
  retry?: RetryRule | null
  breaker?: BreakerRule | null
}

interface CampaignAction {
  parameters: { path: { id: number } }
  responses: { 200: { content: { 'application/json': Envelope } }; default: Refusal }
}

export interface CampaignNumber {
  id: number
  number: number | null
  /** As it was written. */
  given: string
  e164: string | null
  available_tags: Record<string, unknown>
  status: string
  reason?: string | null
  duration: number
  playback: number
  credit_consumed: number
}

export interface NumberList {
  messages: string
  'number-lists': CampaignNumber[]
  pagination?: CampaignList['pagination']
}

export interface CursorPage<Item> {
  count: number | null
  next: string | null
  previous: string | null
  results: Item[]
}

export type MessageStatus =
  'queued' | 'sending' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'canceled'

export interface Message {
  message_id: string
  message_sid: string | null
  to_number: string
  from_number: string
  body: string
  segments: number
  encoding: string
  status: MessageStatus
  state: string
  reason: string | null
  kind: string
  lane: string
  campaign_id: number | null
  created_at: string
  sent_at: string | null
  ended_at: string | null
}

export interface MessageDetail extends Message {
  /** The text that followed because nothing was sent by this one. */
  next_message_id: string | null
  due_at: string | null
  history: {
    sequence: number
    at: string
    kind: string
    source: string
    state: string
    detail: Record<string, unknown> | null
  }[]
}

export interface ReceivedMessage {
  message_id: string
  from_number: string
  to_number: string
  body: string
  word: string | null
  received_at: string
}
