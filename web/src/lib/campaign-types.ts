/** The API of campaigns beyond their list: files, voices, previews, estimates and reports, as the console uses it. */
import type { Begin, Envelope, ErrorBody } from './api-types.ts'

export interface SoundFile {
  id: number
  name: string
  kind: 'audio'
  size: number
  duration: number
  audio_url: string
  created: string
}

export interface NumbersFile {
  id: number
  name: string
  kind: 'numbers'
  size: number
  rows: number
  usable_tags: string[]
  created: string
}

/** How the first rows of a list will be read. */
export interface ListPreview extends Omit<NumbersFile, 'rows'> {
  number_column: number
  columns: { name: string; tag: string | null }[]
  rows: {
    cells: string[]
    e164: string | null
    grade: 'valid' | 'unusual' | 'invalid' | null
    message: string | null
  }[]
}

export interface Voice {
  name: string
  language: string
  gender: 'female' | 'male'
}

export type PreviewPart =
  { text: string } | { tag: string; value: string; from: 'value' | 'fallback' | 'missing' }

/** What one recipient gets. */
export interface RecipientPreview {
  number_id: number | null
  number: number | null
  e164: string | null
  next_number_id: number | null
  previous_number_id: number | null
  text: string
  parts: PreviewPart[]
  missing: string[]
  encoding: string
  characters: number
  units: number
  segments: number
  seconds: number | null
  cost: number
  zones: string[]
  local_time: string
  may_call: { ok: boolean; reason: string | null; due: string | null } | null
}

export interface Estimate {
  can_begin: boolean
  problems: { code: string; param: string | null; message: string }[]
  warnings: { code: string; tag?: string; count?: number; message: string }[]
  numbers: { selected: number; callable: number; set_aside: { reason: string; count: number }[] }
  message: {
    encoding: string
    segments: { least: number; most: number } | null
    seconds: { least: number; most: number } | null
  }
  cost: { hold: number; least: number; most: number; available: number | null }
  when: {
    open_now: number
    opens_later: number
    capped: number
    zones: { zone: string; numbers: number; open: boolean; opens_at: string | null }[]
  }
  from_numbers: string[]
  exact: boolean
}

export interface Report {
  run_id: number | null
  runs: {
    run_id: number
    ordinal: number
    status: string
    message: string
    started: string | null
    ended: string | null
    credits: { used: number; held: number }
  }[]
  numbers: {
    total: number
    by_status: Record<string, number>
    reasons: { status: string; reason: string | null; count: number }[]
  }
  calls?: { total: number; answered: number; machine: number; answer_rate: number | null }
  durations?: { total: number; median: number | null; longest: number | null }
  credits: { used: number; held: number }
  callers?: { number: string; calls: number; answered: number; answer_rate: number | null }[]
  listening?: { answered: number; heard_to_end: number; still: number[] }
  by_hour?: { hour: string; calls: number; answered: number }[]
  keys?: { key: string; calls: number }[]
  burn_up: { run_id: number; from: string; step_seconds: number; done: number[] } | null
}

type Json<Status extends number, Body> = Record<Status, { content: { 'application/json': Body } }> & {
  default: { content: { 'application/json': ErrorBody } }
}
interface Named {
  parameters: { path: { id: number } }
}

export interface CampaignPaths {
  '/api/system/files/': {
    get: {
      parameters: { query?: { page?: number; page_size?: number } }
      responses: Json<
        200,
        Envelope<{ files: (SoundFile | NumbersFile)[]; pagination: { total_items: number } }>
      >
    }
    post: {
      requestBody: { content: { 'multipart/form-data': { file: string; name?: string } } }
      responses: Json<201, Envelope<{ details: SoundFile | NumbersFile }>>
    }
  }
  '/api/system/files/{id}/': {
    delete: Named & { responses: Json<200, Envelope> }
  }
  '/api/system/files/{id}/preview/': {
    get: {
      parameters: { path: { id: number }; query?: { number_column?: number } }
      responses: Json<200, Envelope<{ details: ListPreview }>>
    }
  }
  '/api/agents/': {
    get: {
      parameters: { query?: { page_size?: number } }
      responses: Json<200, { results: { id: string; name: string }[] }>
    }
  }
  '/api/system/voices/': {
    get: { responses: Json<200, Envelope<{ voices: Voice[]; default: string }>> }
  }
  '/api/system/test/voice/': {
    post: {
      requestBody: { content: { 'application/json': { message: string; voice_input?: string } } }
      responses: Json<200, Envelope<{ audio_url: string; duration: number }>>
    }
  }
  '/api/system/owned/phone_numbers': {
    get: {
      responses: Json<200, Envelope<{ owned_numbers: { phone_number: string; friendly_name: string }[] }>>
    }
  }
  '/api/system/campaigns/{id}/preview/': {
    post: Named & {
      requestBody: { content: { 'application/json': { message?: string; number_id?: number } } }
      responses: Json<200, Envelope<{ details: RecipientPreview }>>
    }
  }
  '/api/system/campaigns/{id}/estimate/': {
    post: Named & {
      requestBody: { content: { 'application/json': Begin } }
      responses: Json<200, Envelope<{ details: Estimate }>>
    }
  }
  '/api/system/campaigns/{id}/report/': {
    get: {
      parameters: { path: { id: number }; query?: { run?: number } }
      responses: Json<200, Envelope<{ details: Report }>>
    }
  }
  '/api/system/campaigns/{id}/delete/': {
    delete: Named & { responses: Json<200, Envelope> }
  }
  '/api/jobs/{id}/cancel/': {
    post: Named & { responses: Json<200, unknown> }
  }
  '/api/calls/{call_id}/recording/': {
    delete: { parameters: { path: { call_id: string } }; responses: Json<200, unknown> }
  }
}
