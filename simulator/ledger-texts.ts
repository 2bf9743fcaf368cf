import { readLedgerBatches } from './ledger.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { TextStatus } from './text.ts'

/** What really happened to one text, as the ledger has it: the truth that others are measured against. */
export interface LedgerText {
  sid: string
  to: string
  from: string
  body: string
  segments: number
  status: TextStatus
  errorCode: number | null
  acceptedAt: Date
  statusCallback: string | null
  /** Callbacks that were given up, and those held back by a fault. */
  callbacksLost: number
}

/** Reads a ledger and gives one summary for each accepted text, in the order of acceptance. */
export async function ledgerTexts(path: string): Promise<LedgerText[]> {
  const texts = new Map<string, LedgerText>()
  for await (const entries of readLedgerBatches(path)) for (const entry of entries) note(texts, entry)
  return [...texts.values()]
}

function note(texts: Map<string, LedgerText>, entry: LedgerEntry): void {
  switch (entry.event) {
    case 'text-accepted':
      texts.set(entry.sid, {
        sid: entry.sid,
        to: entry.to,
        from: entry.from,
        body: entry.body,
        segments: entry.segments,
        status: 'queued',
        errorCode: null,
        acceptedAt: new Date(entry.at),
        statusCallback: entry.statusCallback,
        callbacksLost: 0,
      })
      return
    case 'text-moved': {
      const text = texts.get(entry.sid)
      if (text) Object.assign(text, { status: entry.status, errorCode: entry.errorCode })
      return
    }
    case 'text-callback-failed':
    case 'text-callback-withheld': {
      const text = texts.get(entry.sid)
      if (text) text.callbacksLost += 1
      return
    }
    default:
  }
}
