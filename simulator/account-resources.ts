import { createHash } from 'node:crypto'
import { rfc2822 } from './callback-form.ts'

export interface Capabilities {
  voice: boolean
  sms: boolean
  mms: boolean
  fax: boolean
}

/** A number the account may call from: one it owns, or one it has proved to be its own. */
export interface CallerNumber {
  sid: string
  phoneNumber: string
  kind: 'owned' | 'verified'
  friendlyName: string
  capabilities: Capabilities
  since: Date
  /** Until then it is pending: the account has it and cannot use it yet. */
  usableFrom: Date
  /** Where the carrier asks what to do with calls and texts that come in. */
  voiceUrl: string | null
  voiceMethod: string
  smsUrl: string | null
  smsMethod: string
}

/**
 * Numbers keep their sid from start to start, because it is made from the number; it ends as the number does, so that
 * the magic of the last two digits shows in it.
 */
export function callerNumber(
  phoneNumber: string,
  kind: 'owned' | 'verified',
  since: Date = new Date(0),
): CallerNumber {
  const digest = createHash('md5').update(`${kind} ${phoneNumber}`).digest('hex')
  return {
    sid: `PN${digest.slice(0, 30)}${phoneNumber.slice(-2)}`,
    phoneNumber,
    kind,
    friendlyName: phoneNumber,
    capabilities: { voice: true, sms: true, mms: false, fax: false },
    since,
    usableFrom: since,
    voiceUrl: null,
    voiceMethod: 'POST',
    smsUrl: null,
    smsMethod: 'POST',
  }
}

export function accountResource(accountSid: string, since: Date): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}`
  return {
    auth_token: null,
    date_created: rfc2822(since),
    date_updated: rfc2822(since),
    friendly_name: 'Simulated carrier',
    owner_account_sid: accountSid,
    sid: accountSid,
    status: 'active',
    subresource_uris: {
      available_phone_numbers: `${uri}/AvailablePhoneNumbers.json`,
      calls: `${uri}/Calls.json`,
      incoming_phone_numbers: `${uri}/IncomingPhoneNumbers.json`,
      outgoing_caller_ids: `${uri}/OutgoingCallerIds.json`,
    },
    type: 'Full',
    uri: `${uri}.json`,
  }
}

export function ownedNumberResource(
  number: CallerNumber,
  accountSid: string,
  now: Date,
): Record<string, unknown> {
  return {
    account_sid: accountSid,
    address_sid: null,
    address_requirements: 'none',
    api_version: '2010-04-01',
    beta: false,
    capabilities: number.capabilities,
    date_created: rfc2822(number.since),
    date_updated: rfc2822(number.since),
    friendly_name: number.friendlyName,
    identity_sid: null,
    phone_number: number.phoneNumber,
    origin: 'twilio',
    sid: number.sid,
    sms_application_sid: null,
    sms_fallback_method: 'POST',
    sms_fallback_url: null,
    sms_method: number.smsMethod,
    sms_url: number.smsUrl,
    status_callback: null,
    status_callback_method: 'POST',
    trunk_sid: null,
    uri: `/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
    voice_receive_mode: 'voice',
    voice_application_sid: null,
    voice_caller_id_lookup: false,
    voice_fallback_method: 'POST',
    voice_fallback_url: null,
    voice_method: number.voiceMethod,
    voice_url: number.voiceUrl,
    emergency_status: 'Inactive',
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    bundle_sid: null,
    status: now < number.usableFrom ? 'pending' : 'in-use',
    type: 'local',
  }
}

export function verifiedNumberResource(number: CallerNumber, accountSid: string): Record<string, unknown> {
  return {
    sid: number.sid,
    date_created: rfc2822(number.since),
    date_updated: rfc2822(number.since),
    friendly_name: number.friendlyName,
    account_sid: accountSid,
    phone_number: number.phoneNumber,
    uri: `/2010-04-01/Accounts/${accountSid}/OutgoingCallerIds/${number.sid}.json`,
  }
}
