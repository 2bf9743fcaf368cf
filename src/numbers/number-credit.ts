/** What a number costs its workspace, and holding that before it is bought. */
import type { Settings } from '../accounts/settings.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { holdCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { creditSubject, rateOf, type PhoneNumber } from './owned-number.ts'

export async function rateIn(tx: Tx, number: PhoneNumber): Promise<number> {
  return rateOf(number, await findSettings(tx, number.workspaceId))
}

export async function holdRate(tx: Tx, number: PhoneNumber, settings: Settings, now: Date): Promise<void> {
  const amount = rateOf(number, settings)
  const hold = {
    ...creditSubject(number),
    amount,
    prices: settings.creditPrices,
    limit: settings.creditLimit,
  }
  const held = await holdCredits(tx, hold, now)
  if (held.ok) return
  throw new AppError(
    'conflict',
    'no_credit',
    `The number costs ${amount} credits a month; ${held.available} are left of the limit.`,
  )
}
