/** The API of phone numbers, one-time codes and credits as the console uses it. */
import type { Envelope, ErrorBody } from './api-types.ts'

export interface PhoneNumber {
  phone_number: string
  phone_sid: string
  friendly_name: string
  /** Credits a month. */
  rate: number
  available_capabilities: string
  country: string | null
  status: string
  reason: string | null
}

export interface NumberSearch {
  country?: string
  contains?: string
  capability?: string
}

export interface OtpEntry {
  otp_id: string
  purpose: string
  number: string
  otp_options: string
  sms_send_options: string
  message: string
  status: string
  delivery: string | null
  reason: string | null
  sends: number
  attempts: number
  created: string
  sent: string
  expires_at: string
}

export interface OtpSent {
  number: string | number
  otp_id: string
  expires_at: string
}

export interface OtpWish {
  number: string
  message: string
  sms_send_options: string
  otp_options: string
  otp?: string
  otp_length?: number
}

export interface CreditEntry {
  id: number
  at: string
  entry: string
  kind: string
  subject: string
  items: number
  used: number
  on_hold: number
}

export type Prices = Partial<Record<'call' | 'text' | 'number', number>>

export interface Credits {
  limit: number | null
  used: number
  on_hold: number
  available: number | null
  prices: Record<string, Prices>
  entries: CreditEntry[]
  next_before: number | null
}

interface Pagination {
  total_items: number
  total_pages: number
  page_number: number
  has_next: boolean
  has_previous: boolean
}

interface Json<Body> {
  content: { 'application/json': Body }
}
interface Answers<Data> {
  responses: { 200: Json<Envelope<Data>>; default: Json<ErrorBody> }
}
type NumberChange = Answers<{ number_details: PhoneNumber }>

export interface NumberPaths {
  '/api/system/owned/phone_numbers/': { get: Answers<{ owned_numbers: PhoneNumber[] }> }
  '/api/system/phone_numbers/': {
    get: { parameters: { query?: NumberSearch } } & Answers<{ number_lists: PhoneNumber[]; country: string }>
    post: { requestBody: Json<{ phone_sid: string }> } & NumberChange
    patch: { requestBody: Json<{ phone_sid: string; friendly_name: string }> } & NumberChange
    delete: { parameters: { query: { phone_sid: string } } } & Answers<unknown>
  }
  '/api/system/otp/': {
    get: { parameters: { query?: { page?: number; page_size?: number } } } & Answers<{
      otp_lists: OtpEntry[]
      pagination: Pagination
    }>
  }
  '/api/system/send/otp/': { post: { requestBody: Json<OtpWish> } & Answers<{ details: OtpSent }> }
  '/api/system/verify/otp/': {
    post: { requestBody: Json<{ number?: string; otp_id?: string; otp: string }> } & Answers<{
      verified: boolean
      attempts_left: number
    }>
  }
  '/api/system/credits/': {
    get: { parameters: { query?: { before?: number; page_size?: number } } } & Answers<Credits>
  }
}
