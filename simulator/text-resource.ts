import { rfc2822 } from './callback-form.ts'
import type { Text } from './text.ts'

/** Price of a segment, in ten-thousandths of a dollar. */
const PRICE_PER_SEGMENT = 83

/** A text as the API shows it. */
export function textResource(text: Text, accountSid: string): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${text.sid}`
  const price = -(text.segments * PRICE_PER_SEGMENT) / 10_000
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: text.body,
    date_created: instant(text.createdAt),
    date_sent: instant(text.sentAt),
    date_updated: instant(text.updatedAt),
    direction: text.direction,
    error_code: text.errorCode,
    error_message: text.errorCode === null ? null : 'The text did not arrive.',
    from: text.from,
    messaging_service_sid: null,
    num_media: '0',
    num_segments: String(text.segments),
    price: text.sentAt === null ? null : price.toFixed(5),
    price_unit: 'USD',
    sid: text.sid,
    status: text.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: text.to,
    uri: `${uri}.json`,
  }
}

function instant(ms: number | null): string | null {
  return ms === null ? null : rfc2822(new Date(ms))
}
