/** Recordings of calls: what is kept of them, and what is told when one is ready. */
import { randomUUID } from 'node:crypto'
import type { Call, CallRequest } from './call.ts'
import { rfc2822 } from './callback-form.ts'
import { tell } from './callbacks.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Workshop } from './workshop.ts'

export interface Recording {
  sid: string
  callSid: string
  seconds: number
  createdAt: Date
}

/** Keeps the recording of a call that has ended, if one was asked for and somebody had answered. */
export function keepRecording(shop: Workshop, call: Call, request: CallRequest): void {
  if (!request.record || call.answeredAt === null) return
  const recording: Recording = {
    sid: `RE${randomUUID().replaceAll('-', '')}`,
    callSid: call.sid,
    seconds: call.durationSeconds ?? 0,
    createdAt: shop.clock.now(),
  }
  shop.recordings.set(recording.sid, recording)
  const { sid: recordingSid, seconds } = recording
  shop.ledger.append({ event: 'recorded', sid: call.sid, recordingSid, seconds }, () => {
    const { recordingStatusCallback: address, recordingStatusCallbackMethod: method } = request
    if (address === null) return
    const form = {
      AccountSid: shop.accountSid,
      CallSid: call.sid,
      RecordingSid: recordingSid,
      RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${shop.accountSid}/Recordings/${recordingSid}`,
      RecordingStatus: 'completed',
      RecordingDuration: String(seconds),
      RecordingChannels: '1',
      RecordingStartTime: rfc2822(new Date(call.answeredAt ?? 0)),
      RecordingSource: 'OutboundAPI',
      RecordingTrack: 'both',
    }
    tell(shop, call, { name: 'recording', address, method, form })
  })
}

export function recordingOf(entry: Extract<LedgerEntry, { event: 'recorded' }>): Recording {
  const { recordingSid: sid, sid: callSid, seconds } = entry
  return { sid, callSid, seconds, createdAt: new Date(entry.at) }
}
