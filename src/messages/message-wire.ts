/** A text as programs and pages see it. */
import { instantText } from '../http/instants.ts'
import { textStatus, type Text } from './text.ts'

export function toMessage(text: Text) {
  return {
    message_id: text.id,
    message_sid: text.carrierSid,
    to_number: text.toNumber,
    from_number: text.fromNumber,
    body: text.body,
    segments: text.segments,
    encoding: text.encoding,
    status: textStatus[text.state],
    state: text.state,
    reason: text.reason,
    kind: text.kind,
    lane: text.lane,
    campaign_id: text.campaignId,
    created_at: instantText(text.createdAt),
    sent_at: text.sentAt === null ? null : instantText(text.sentAt),
    ended_at: text.endedAt === null ? null : instantText(text.endedAt),
  }
}

export type WireMessage = ReturnType<typeof toMessage>
