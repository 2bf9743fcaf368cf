import type { CallerIds } from '../carriers/caller-ids.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import type { Queryable, Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import type { AudioAddresses } from '../speech/audio-address.ts'
import type { Speech } from '../speech/speech.ts'
import { findCampaign, type Campaign } from './campaign-store.ts'

/** What the routes of campaigns work with. */
export type CampaignDeps = {
  sql: Sql
  clock: Clock
  /** Where the outside reaches this server; null: as each request says. */
  publicUrl: string | null
  /** Bytes of a file of recipients. */
  uploadLimit: number
  /** Bytes of a file of sound. */
  audioLimit: number
  addresses: AudioAddresses
  /** Null: the carrier says messages in a voice of its own. */
  speech: Pick<Speech, 'problem'> | null
  /** A live carrier rings real phones: it wants calling hours, and has no numbers to rehearse with. */
  carrierIsLive: boolean
  callerIds(workspaceId: number): Promise<CallerIds>
  /** How long a request waits for its import. Milliseconds. */
  importWaitMs?: number
}

/** What the carrier says it may show. Throws unavailable `carrier_unavailable` (503) while it cannot be asked. */
export async function askCallerIds(deps: CampaignDeps, workspaceId: number): Promise<CallerIds> {
  try {
    return await deps.callerIds(workspaceId)
  } catch (error) {
    if (!(error instanceof CarrierAway)) throw error
    throw new AppError(
      'unavailable',
      'carrier_unavailable',
      'The carrier cannot be asked for its numbers right now. Try again.',
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    )
  }
}

export async function requireCampaign(sql: Queryable, workspaceId: number, id: number): Promise<Campaign> {
  const campaign = await findCampaign(sql, workspaceId, id)
  if (campaign === null) throw noCampaign(id)
  return campaign
}

export function noCampaign(id: number): AppError {
  return new AppError('not_found', 'campaign_not_found', `There is no campaign ${id}.`)
}

/** The numbers a campaign calls from, in E.164. Throws `not_owned` (400) for one that is not the installation's. */
export function readUserPhone(given: readonly string[], callerIds: CallerIds, region: string): string[] {
  const { owned, verified, chosen } = callerIds
  const mine = new Set([...owned, ...verified, ...(chosen === null ? [] : [chosen])])
  const numbers = given.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '')
  return numbers.map((text) => {
    const { e164 } = readPhoneNumber(text, region)
    if (e164 !== null && mine.has(e164)) return e164
    throw new AppError(
      'invalid',
      'not_owned',
      `user_phone ${text.slice(0, 40)} is not a number you own. See /api/system/owned/phone_numbers.`,
      { param: 'user_phone' },
    )
  })
}
