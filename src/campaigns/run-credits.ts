/** Credits of a run: held when it begins, so that parallel runs never promise more than there is. */
import { dearestOf, type PriceList, type PricedKind } from '../accounts/price-list.ts'
import type { Settings } from '../accounts/settings.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import { minutesToHold } from '../credits/credit.ts'
import { holdCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { segmentsOf } from '../messages/text-segments.ts'
import type { Service } from './campaign.ts'

/** Holds what the run may cost and returns it. Throws conflict `no_credit` when the limit does not allow that. */
export async function holdForRun(
  tx: Tx,
  run: { workspaceId: number; id: number; service: Service; message: string; numbers: number },
  { settings, now }: { settings: Settings; now: Date },
): Promise<number> {
  const amount = run.numbers * costOfOne(run, settings.creditPrices)
  const subject = { workspaceId: run.workspaceId, kind: 'run' as const, subject: String(run.id) }
  const terms = { amount, prices: settings.creditPrices, limit: settings.creditLimit }
  const held = await holdCredits(tx, { ...subject, ...terms }, now)
  if (held.ok) return amount
  throw new AppError(
    'conflict',
    'no_credit',
    `The campaign needs ${amount} credits on hold; ${held.available} of the limit are left. Raise credit_limit, or call fewer numbers.`,
  )
}

/** The dearest country counts: what is not used is released in the end. */
function costOfOne({ service, message }: { service: Service; message: string }, prices: PriceList): number {
  const kind: PricedKind = service === 'SMS' ? 'text' : 'call'
  const units =
    service === 'SMS' ? segmentsOf(message).segments : minutesToHold(estimatedSpeechSeconds(message))
  return units * dearestOf(prices, kind)
}
