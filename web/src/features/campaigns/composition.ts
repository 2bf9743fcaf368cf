/** What somebody composes before a campaign begins, and what a request makes of it. Pure. */
import type { Begin, KeyMeaning, MachineChoice, RetryRule } from '../../lib/api-types.ts'
import type { Campaign } from './campaign.ts'

export interface KeyRow {
  key: string
  label: string
  /** Whom it joins the caller with: the id of an agent, or a number; null: nobody. */
  transferTo: string | null
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'
export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

export interface Composition {
  name: string
  service: 'PHONE' | 'SMS'
  pasted: string
  message: string
  voice: string
  soundId: number | null
  soundFirst: boolean
  machine: MachineChoice
  listens: boolean
  keys: readonly KeyRow[]
  record: boolean
  /** As a local date and time are written; empty: now. */
  at: string
  /** Null: the hours of the workspace alone. A day without hours is closed. */
  hours: Partial<Record<Weekday, [string, string]>> | null
  /** How often somebody who did not answer, or was busy, is called at most; 1: once. */
  attempts: number
  retryMinutes: number
  /** Pauses when this share of the last calls failed; 0: never. */
  breakerPercent: number
  from: readonly string[]
}

export const emptyComposition: Composition = {
  name: '',
  service: 'PHONE',
  pasted: '',
  message: '',
  voice: 'np_rija',
  soundId: null,
  soundFirst: false,
  machine: 'ignore',
  listens: false,
  keys: [],
  record: false,
  at: '',
  hours: null,
  attempts: 1,
  retryMinutes: 60,
  breakerPercent: 0,
  from: [],
}

/** A campaign that was made, or run, before: composing goes on with what it has. */
export function compositionOf(campaign: Campaign): Composition {
  const { options, retry, breaker } = campaign
  return {
    ...emptyComposition,
    name: campaign.name,
    service: campaign.service,
    message: campaign.message ?? '',
    voice: campaign.voice ?? emptyComposition.voice,
    soundId: campaign.soundId,
    soundFirst: campaign.priority === 'audio',
    machine: options.machine,
    listens: options.keys !== null,
    keys: Object.entries(options.keys ?? {}).map(([key, { label, transfer_to }]) => ({
      key,
      label,
      transferTo: transfer_to,
    })),
    record: options.record,
    hours: campaign.hours,
    attempts: retry?.max_attempts ?? 1,
    retryMinutes: (retry?.no_answer ?? retry?.busy)?.delay_minutes ?? emptyComposition.retryMinutes,
    breakerPercent: breaker?.failed_percent ?? 0,
    from: campaign.from,
  }
}

/** How many calls the breaker judges by. */
const breakerWindow = 20

/** The body of the begin, and of the check before it. */
export function beginBody(composed: Composition): Begin {
  const message = composed.message.trim()
  const shared: Begin = {
    ...(message === '' ? {} : { message }),
    ...(composed.at === '' ? {} : { schedule_date: composed.at }),
    calling_hours: composed.hours,
    retry: retryOf(composed),
    breaker:
      composed.breakerPercent > 0
        ? { failed_percent: composed.breakerPercent, of_last: breakerWindow }
        : null,
    user_phone: [...composed.from],
  }
  if (composed.service === 'SMS') return shared
  const { soundId } = composed
  return {
    ...shared,
    voice_input: composed.voice,
    ...(soundId === null ? {} : { aud_file: soundId }),
    ...(soundId === null || message === '' ? {} : { priority: composed.soundFirst ? 'audio' : 'message' }),
    answering_machine: composed.machine,
    keypresses: composed.listens ? keysOf(composed.keys) : null,
    record: composed.record,
  }
}

function retryOf({ attempts, retryMinutes, service }: Composition): RetryRule | null {
  if (attempts <= 1) return null
  const again = { times: attempts - 1, delay_minutes: retryMinutes }
  return service === 'SMS'
    ? { max_attempts: attempts, failed: again }
    : { max_attempts: attempts, no_answer: again, busy: again }
}

/** A row without a key is one that somebody has not filled in yet. */
function keysOf(rows: readonly KeyRow[]): Record<string, KeyMeaning> {
  return Object.fromEntries(
    rows
      .filter((row) => row.key.trim() !== '')
      .map((row) => {
        const transfer = row.transferTo?.trim() ?? ''
        return [row.key.trim(), { label: row.label.trim(), transfer_to: transfer === '' ? null : transfer }]
      }),
  )
}

/** Whether a key joins with an agent, not with a number. */
export function isAgentId(target: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(target)
}

/** A stored composition; anything that is not one is an empty one. */
export function readComposition(text: string | null): Composition | null {
  if (text === null) return null
  try {
    const stored: unknown = JSON.parse(text)
    return typeof stored === 'object' && stored !== null ? { ...emptyComposition, ...stored } : null
  } catch {
    return null
  }
}
