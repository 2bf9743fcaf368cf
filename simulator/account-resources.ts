import { createHash } from 'node:crypto'
import { rfc2822 } from './callback-form.ts'

/** A number the account may call from: one it owns, or one it has proved to be its own. */
export interface CallerNumber {
  sid: string
  phoneNumber: string
  kind: 'owned' | 'verified'
}

/** Numbers keep their sid from start to start, because it is made from the number. */
export function callerNumber(phoneNumber: string, kind: 'owned' | 'verified'): CallerNumber {
  const digest = createHash('md5').update(`${kind} ${phoneNumber}`).digest('hex')
  return { sid: `PN${digest}`, phoneNumber, kind }
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
  since: Date,
): Record<string, unknown> {
  return {
    account_sid: accountSid,
    address_sid: null,
    address_requirements: 'none',
    api_version: '2010-04-01',
    beta: false,
    capabilities: { voice: true, sms: true, mms: false, fax: false },
    date_created: rfc2822(since),
    date_updated: rfc2822(since),
    friendly_name: number.phoneNumber,
    identity_sid: null,
    phone_number: number.phoneNumber,
    origin: 'twilio',
    sid: number.sid,
    sms_application_sid: null,
    sms_fallback_method: 'POST',
    sms_fallback_url: null,
    sms_method: 'POST',
    sms_url: null,
    status_callback: null,
    status_callback_method: 'POST',
    trunk_sid: null,
    uri: `/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
    voice_receive_mode: 'voice',
    voice_application_sid: null,
    voice_caller_id_lookup: false,
    voice_fallback_method: 'POST',
    voice_fallback_url: null,
    voice_method: 'POST',
    voice_url: null,
    emergency_status: 'Inactive',
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    bundle_sid: null,
    status: 'in-use',
    type: 'local',
  }
}

export function verifiedNumberResource(
  number: CallerNumber,
  accountSid: string,
  since: Date,
): Record<string, unknown> {
  return {
    sid: number.sid,
    date_created: rfc2822(since),
    date_updated: rfc2822(since),
    friendly_name: number.phoneNumber,
    account_sid: accountSid,
    phone_number: number.phoneNumber,
    uri: `/2010-04-01/Accounts/${accountSid}/OutgoingCallerIds/${number.sid}.json`,
  }
}
