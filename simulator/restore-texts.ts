import type { LedgerEntry, TextFact } from './ledger-entry.ts'
import { planText } from './plan-text.ts'
import { segmentCount } from './text-segments.ts'
import type { Text } from './text.ts'
import { PLAIN_TEXT_PLAN } from './text-plan.ts'
import type { Workshop } from './workshop.ts'

/** Notes what one entry of the ledger says about a text. */
export function rememberText(
  shop: Pick<Workshop, 'profile' | 'seed'>,
  { texts, visits }: { texts: Map<string, Text>; visits: Map<string, number> },
  entry: Extract<LedgerEntry, TextFact>,
): void {
  const at = Date.parse(entry.at)
  switch (entry.event) {
    case 'text-accepted': {
      visits.set(entry.to, (visits.get(entry.to) ?? 0) + 1)
      const { sid, to, from, body, statusCallback, attempt, segments } = entry
      const plan = planText(shop, to, attempt)
      const given = { sid, to, from, body, statusCallback, attempt, segments, plan }
      texts.set(sid, { ...born(at), ...given, direction: 'outbound-api', status: 'queued' })
      return
    }
    case 'text-received': {
      const { sid, to, from, body } = entry
      const given = { sid, to, from, body, statusCallback: null, attempt: 0, segments: segmentCount(body) }
      const rest = { direction: 'inbound', status: 'received', plan: PLAIN_TEXT_PLAN } as const
      texts.set(sid, { ...born(at), ...given, ...rest, sentAt: at })
      return
    }
    case 'text-moved': {
      const text = texts.get(entry.sid)
      if (!text) return
      text.status = entry.status
      text.errorCode = entry.errorCode
      text.updatedAt = at
      if (entry.status === 'sent') text.sentAt = at
      return
    }
    case 'text-callback-failed':
    case 'text-callback-withheld':
  }
}

function born(at: number) {
  return { errorCode: null, createdAt: at, updatedAt: at, sentAt: null, heldCallback: null }
}
