/** What must hold of numbers, carrier and settings in the moment in which a campaign begins. */
import type { Settings } from '../accounts/settings.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { lostNumbers } from '../numbers/owned-number-store.ts'
import { magicRange, type Service } from './campaign.ts'
import type { Campaign } from './campaign-store.ts'
import { numbersWithin } from './run-store.ts'

/** A verified number can be shown in a call; texts are sent from owned ones only. Null when there is none. */
export function chooseFrom(service: Service, userPhones: string[], callerIds: CallerIds): string[] | null {
  if (service === 'SMS') {
    const { owned, chosen } = callerIds
    const sending = userPhones.filter((number) => owned.includes(number))
    if (sending.length > 0) return sending
    const usual = chosen !== null && owned.includes(chosen) ? chosen : owned[0]
    return usual === undefined ? null : [usual]
  }
  if (userPhones.length > 0) return userPhones
  return callerIds.chosen === null ? null : [callerIds.chosen]
}

/** A number that is being released meanwhile waits for this run, or is not called from. */
export async function requireStillOwned(
  tx: Tx,
  workspaceId: number,
  fromNumbers: readonly string[],
  { owned }: CallerIds,
): Promise<void> {
  const [lost] = await lostNumbers(
    tx,
    workspaceId,
    fromNumbers.filter((number) => owned.includes(number)),
  )
  if (lost === undefined) return
  const sentence = `${lost} is being released. Name another number in user_phone.`
  throw new AppError('conflict', 'not_owned', sentence, { param: 'user_phone' })
}

export async function requireLiveReady(
  sql: Queryable,
  campaign: Campaign,
  settings: Settings,
): Promise<void> {
  const magic = await numbersWithin(sql, campaign, magicRange, 20)
  if (magic.length > 0) {
    throw new AppError(
      'invalid',
      'magic_number',
      `${magic.join(', ')}: these numbers exist on the simulated carrier only. Remove them from the campaign.`,
    )
  }
  if (settings.callingHours !== null) return
  throw new AppError(
    'conflict',
    'calling_hours_unset',
    'calling_hours are not chosen. Set them with PATCH /api/settings/, or to "always".',
  )
}

export function noCallerId(): AppError {
  return new AppError(
    'conflict',
    'no_caller_id',
    'There is no number to call from. Buy one at /api/system/phone_numbers, or set CALLER_ID.',
  )
}
