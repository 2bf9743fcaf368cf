import type { Call } from './call.ts'
import { rfc2822 } from './callback-form.ts'

const SUBRESOURCES = {
  notifications: 'Notifications',
  recordings: 'Recordings',
  payments: 'Payments',
  events: 'Events',
  siprec: 'Siprec',
  streams: 'Streams',
  transcriptions: 'Transcriptions',
  user_defined_message_subscriptions: 'UserDefinedMessageSubscriptions',
  user_defined_messages: 'UserDefinedMessages',
}

/** Price of a started minute, in thousandths of a dollar. */
const PRICE_PER_MINUTE = 14

/** A call as the API shows it. A call that was sent out but does not ring yet is still called queued. */
export function callResource(call: Call, accountSid: string): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${call.sid}`
  return {
    sid: call.sid,
    date_created: instant(call.createdAt),
    date_updated: instant(call.updatedAt),
    parent_call_sid: call.parentSid,
    account_sid: accountSid,
    to: call.to,
    to_formatted: formatted(call.to),
    from: call.from,
    from_formatted: formatted(call.from),
    phone_number_sid: null,
    status: call.status === 'initiated' ? 'queued' : call.status,
    start_time: instant(call.startedAt),
    end_time: instant(call.endedAt),
    duration: call.durationSeconds === null ? null : String(call.durationSeconds),
    price: price(call),
    price_unit: 'USD',
    direction: call.parentSid === null ? 'outbound-api' : 'outbound-dial',
    answered_by: call.answeredBy,
    api_version: '2010-04-01',
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: String(Math.round(call.queueMs)),
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: Object.fromEntries(
      Object.entries(SUBRESOURCES).map(([name, part]) => [name, `${uri}/${part}.json`]),
    ),
  }
}

function instant(ms: number | null): string | null {
  return ms === null ? null : rfc2822(new Date(ms))
}

function price(call: Call): string | null {
  if (!call.durationSeconds) return null
  return (-(Math.ceil(call.durationSeconds / 60) * PRICE_PER_MINUTE) / 1000).toFixed(5)
}

/** North American numbers as people write them there; all others unchanged. */
function formatted(number: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number)
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : number
}
