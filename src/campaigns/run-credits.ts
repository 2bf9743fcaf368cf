/** Credits of a run: held when it begins, so that parallel runs never promise more than there is. */
import { dearestOf, type PriceList, type PricedKind } from '../accounts/price-list.ts'
import type { Settings } from '../accounts/settings.ts'
import { holdCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { Service } from './campaign.ts'
import { measure } from './preview.ts'

/** Holds what the run may cost and returns it. Throws conflict `no_credit` when the limit does not allow that. */
export async function holdForRun(
  tx: Tx,
  run: RunToHold & { workspaceId: number; id: number },
  { settings, now }: { settings: Settings; now: Date },
): Promise<number> {
  const amount = holdOf(run, settings.creditPrices)
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

/** `numbers`: calls and texts that may cost something; `soundSeconds`: of the audio that is played with the message. */
export type RunToHold = { service: Service; message: string; soundSeconds: number; numbers: number }

/** What a run may cost. The dearest country counts: what is not used is released in the end. */
export function holdOf({ service, message, soundSeconds, numbers }: RunToHold, prices: PriceList): number {
  const kind: PricedKind = service === 'SMS' ? 'text' : 'call'
  const { charged } = measure(message, service, soundSeconds)
  return numbers * charged * dearestOf(prices, kind)
}
