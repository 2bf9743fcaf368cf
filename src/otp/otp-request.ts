/** What a request to send a code asks for, and why it cannot be taken. Pure. No sentence repeats a code. */
import { AppError } from '../errors.ts'
import { shown } from '../http/validation.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import { numberRefusals, readPhoneNumber, type NumberRefusal } from '../numbers/phone-number.ts'
import { templateOf, type OtpKind } from './otp-code.ts'

export type SendBody = {
  number: string | number
  message: string
  sms_send_options?: string | null
  sms_send_option?: string | null
  otp_options?: string | null
  otp?: string | number | null
  otp_length?: number | string | null
}

export type SendFacts = {
  defaultRegion: string
  carrierIsLive: boolean
  otpCountries: readonly string[] | null
}

export type WantedOtp = {
  /** E.164. */
  number: string
  channel: 'text' | 'voice'
  kind: OtpKind
  length: number
  /** The code that was given. */
  code: string | null
  template: string
}

const usualLength = 6
const longestMessage = 1_500

export function readSend(body: SendBody, facts: SendFacts): WantedOtp {
  const number = readNumber(body.number, facts.defaultRegion)
  refuseWhere(number, body.number, facts)
  const channel = readWord('sms_send_options', body.sms_send_options ?? body.sms_send_option, [
    'text',
    'voice',
  ])
  if (channel === null) {
    const sentence = 'sms_send_options is required: text or voice.'
    throw invalid('sms_send_options', 'missing_field', sentence)
  }
  const kind = readWord('otp_options', body.otp_options, ['generated', 'personnel']) ?? 'generated'
  const code = kind === 'personnel' ? readCode(body.otp) : null
  const message = body.message.trim()
  if (message === '') throw invalid('message', 'missing_field', 'message is required.')
  if (message.length > longestMessage)
    throw invalid(
      'message',
      'message_too_long',
      `message has ${message.length} characters; it may have ${longestMessage}.`,
    )
  return {
    number,
    channel,
    kind,
    code,
    length: code?.length ?? readLength(body.otp_length),
    template: templateOf(message, code),
  }
}

/** The number in E.164, as a person of the region would write it. */
export function readNumber(given: string | number, defaultRegion: string): string {
  const read = readPhoneNumber(String(given), defaultRegion)
  if (read.e164 !== null) return read.e164
  const why = numberRefusals[read.reason as NumberRefusal] ?? ''
  throw invalid('number', 'invalid_number', `number ${shown(given)} cannot be read. ${why}`)
}

function refuseWhere(number: string, given: string | number, facts: SendFacts): void {
  if (facts.carrierIsLive && isMagicNumber(number)) {
    const sentence = `number ${shown(given)} exists on the simulated carrier only. Name a real number.`
    throw invalid('number', 'simulated_number', sentence)
  }
  const open = facts.otpCountries ?? (facts.carrierIsLive ? [facts.defaultRegion] : null)
  const country = countryOf(number)
  if (open === null || (country !== null && open.includes(country))) return
  const listed = open.length === 0 ? 'no country' : open.join(', ')
  const way = 'An administrator can open more in otp_countries.'
  const sentence = `Codes are sent to ${listed}; number ${shown(given)} is in ${country ?? 'no country'}. ${way}`
  throw invalid('number', 'country_closed', sentence)
}

function readWord<Word extends string>(
  param: string,
  given: string | null | undefined,
  words: readonly Word[],
): Word | null {
  const text = given?.trim().toLowerCase() ?? ''
  if (text === '') return null
  const word = words.find((one) => one === text)
  if (word !== undefined) return word
  throw invalid(param, 'invalid_field', `${param} must be ${words.join(' or ')}; ${shown(given)} is not.`)
}

function readCode(given: string | number | null | undefined): string {
  const code = String(given ?? '').trim()
  if (code === '') {
    const sentence = 'otp is required when otp_options is personnel; with generated it is made here.'
    throw invalid('otp', 'missing_field', sentence)
  }
  if (/^[A-Za-z0-9]{4,10}$/.test(code)) return code
  throw invalid('otp', 'invalid_field', 'otp must have 4 to 10 letters and digits; the value given has not.')
}

function readLength(given: number | string | null | undefined): number {
  const text = String(given ?? '').trim()
  if (text === '') return usualLength
  const length = Number(text)
  if (Number.isInteger(length) && length >= 4 && length <= 10) return length
  throw invalid(
    'otp_length',
    'invalid_field',
    `otp_length must be a whole number from 4 to 10; ${shown(given)} is not.`,
  )
}

function invalid(param: string, code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param })
}
