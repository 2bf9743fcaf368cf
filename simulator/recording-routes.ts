/** The API's part about recordings: listing those of a call, hearing one, and deleting it. */
import type { ParsedUrlQuery } from 'node:querystring'
import { resourceAnswer, type ApiAnswer } from './api-answer.ts'
import { rfc2822 } from './callback-form.ts'
import { pageOf, readPageRequest } from './paging.ts'
import type { Recording } from './recordings.ts'
import type { Workshop } from './workshop.ts'

const SAMPLES_PER_SECOND = 8_000
/** A call is recorded whole, but nobody needs to hear more than this of a simulated one. */
const MOST_SECONDS = 3_600

/** Null outside of these paths, and for a recording that is not there. */
export function answerRecording(shop: Workshop, within: string, query: ParsedUrlQuery): ApiAnswer | null {
  const [, callSid] = /^Calls\/(CA[0-9a-fA-F]{32})\/Recordings\.json$/.exec(within) ?? []
  if (callSid !== undefined) {
    if (!shop.book.bySid(callSid)) return null
    const own = [...shop.recordings.values()].filter((one) => one.callSid === callSid)
    const page = pageOf(own, readPageRequest(query), {
      name: 'recordings',
      path: `/2010-04-01/Accounts/${shop.accountSid}/${within}`,
      query,
      sidOf: (one) => one.sid,
      show: (one) => resource(shop, one),
    })
    return resourceAnswer(200, page)
  }
  const { recording, kind } = named(shop, within)
  if (recording === null) return null
  if (kind === 'json') return resourceAnswer(200, resource(shop, recording))
  const headers = { 'content-type': 'audio/x-wav' }
  return { statusCode: 200, body: sound(recording.seconds), headers }
}

/** Null when there is no such recording. */
export function deleteRecording(shop: Workshop, within: string): ApiAnswer | null {
  const { recording } = named(shop, within)
  if (recording === null) return null
  shop.recordings.delete(recording.sid)
  shop.ledger.append({ event: 'recording-deleted', sid: recording.callSid, recordingSid: recording.sid })
  return { statusCode: 204, body: '' }
}

function named(shop: Workshop, within: string): { recording: Recording | null; kind: 'json' | 'wav' } {
  const [, sid = '', kind] = /^Recordings\/(RE[0-9a-fA-F]{32})\.(json|wav)$/.exec(within) ?? []
  return { recording: shop.recordings.get(sid) ?? null, kind: kind === 'wav' ? 'wav' : 'json' }
}

function resource(shop: Workshop, recording: Recording): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${shop.accountSid}/Recordings/${recording.sid}.json`
  const at = rfc2822(recording.createdAt)
  return {
    account_sid: shop.accountSid,
    api_version: '2010-04-01',
    call_sid: recording.callSid,
    conference_sid: null,
    date_created: at,
    date_updated: at,
    start_time: at,
    duration: String(recording.seconds),
    sid: recording.sid,
    price: null,
    price_unit: 'USD',
    status: 'completed',
    channels: 1,
    source: 'OutboundAPI',
    error_code: null,
    uri,
    encryption_details: null,
    subresource_uris: {},
    media_url: `https://api.twilio.com${uri.replace('.json', '')}`,
  }
}

/** A quiet hum of that length: 8 kHz, mu-law, one channel. */
function sound(seconds: number): Buffer {
  const samples = Math.min(seconds, MOST_SECONDS) * SAMPLES_PER_SECOND
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(7, 20) // mu-law
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(SAMPLES_PER_SECOND, 24)
  head.writeUInt32LE(SAMPLES_PER_SECOND, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples, 40)
  const hum = Buffer.from(Array.from({ length: 40 }, (_, index) => (index < 20 ? 0xd0 : 0x50)))
  return Buffer.concat([head, Buffer.alloc(samples, hum)])
}
