/**
 * A number that a workspace was shown for sale, has, or had. Pure.
 *
 *   seen ─→ buying ─→ pending ─→ owned ─→ releasing ─→ seen
 *    ↑        │          └─────────────────↑    │
 *    └────────┘ not bought           owned ←────┘ the carrier will not take it back
 */
import { createHmac } from 'node:crypto'
import { priceOf } from '../accounts/price-list.ts'
import type { Settings } from '../accounts/settings.ts'
import type { Capabilities } from '../carriers/carrier.ts'

export type OwnedState = 'seen' | 'buying' | 'pending' | 'owned' | 'releasing'

export type PhoneNumber = {
  workspaceId: number
  /** 32 hexadecimal digits of ours. */
  sid: string
  /** E.164. */
  number: string
  carrierSid: string | null
  /** ISO code; empty when unknown. */
  country: string
  friendlyName: string
  capabilities: Capabilities
  callUrl: string
  callMethod: string
  state: OwnedState
  reason: string | null
  wasBought: boolean
  ownedAt: Date | null
}

/**
 * Our name of a number in a workspace: the same whenever it is asked for, told to nobody by the number alone, and ending
 * as the number does, so that people find it again.
 */
export function sidOf(key: Buffer, workspaceId: number, number: string): string {
  const digest = createHmac('sha256', key).update(`${workspaceId} ${number}`).digest('hex')
  return `${digest.slice(0, 30)}${number.replaceAll(/\D/g, '').slice(-2).padStart(2, '0')}`
}

/** Whether it is the workspace's: paid for, or found at the carrier. */
export function isOwned(state: OwnedState): boolean {
  return state === 'owned' || state === 'pending' || state === 'releasing'
}

const capabilityNames = ['voice', 'sms', 'mms', 'fax'] as const

/** Names of capabilities in any letter case, separated by commas or spaces; null when one is none. */
export function readCapabilities(text: string): (keyof Capabilities)[] | null {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  const known = words.map((word) => capabilityNames.find((name) => name === word))
  const good = known.filter((name) => name !== undefined)
  return good.length === known.length ? [...new Set(good)] : null
}

export function capabilityList(capabilities: Capabilities): string[] {
  return capabilityNames.filter((name) => capabilities[name])
}

export function capabilitiesIn(list: readonly string[]): Capabilities {
  const [voice, sms, mms, fax] = capabilityNames.map((name) => list.includes(name))
  return { voice: voice === true, sms: sms === true, mms: mms === true, fax: fax === true }
}

const shownCapabilities: Record<keyof Capabilities, string> = {
  voice: 'Voice',
  sms: 'SMS',
  mms: 'MMS',
  fax: 'Fax',
}

/** A number as answers have it. `rate`: credits a month. */
export function toNumberWire(number: PhoneNumber, rate: number) {
  const shown = capabilityNames.filter((name) => number.capabilities[name])
  return {
    phone_number: number.number,
    rate,
    available_capabilities: shown.map((name) => shownCapabilities[name]).join(', '),
    capabilities: number.capabilities,
    phone_number_sid: number.sid,
    phone_sid: number.sid,
    friendly_name: number.friendlyName,
    accept_incoming: 'Voice Calls',
    configure_with: 'Webhook',
    call_comes_in: 'Webhook',
    call_url: number.callUrl,
    http_request: `HTTP ${number.callMethod}`,
    country: number.country === '' ? null : number.country,
    status: number.state === 'seen' ? 'available' : number.state,
    reason: number.reason,
  }
}

/** What a number costs each month. */
export function rateOf(number: { country: string }, settings: Settings): number {
  return priceOf(settings.creditPrices, number.country === '' ? null : number.country, 'number')
}

export function monthAfter(at: Date): Date {
  const next = new Date(at)
  next.setUTCMonth(next.getUTCMonth() + 1)
  // The 31st is followed by the last day of a shorter month.
  if (next.getUTCDate() !== at.getUTCDate()) next.setUTCDate(0)
  return next
}

export function creditSubject(number: PhoneNumber) {
  return { workspaceId: number.workspaceId, kind: 'number' as const, subject: number.number }
}
