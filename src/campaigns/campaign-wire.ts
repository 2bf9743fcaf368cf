/** How campaigns and their numbers are written in answers. */
import { numberRefusals } from '../numbers/phone-number.ts'
import {
  campaignStatus,
  progressOf,
  shownStatus,
  statusWord,
  type NumberStatus,
  type Run,
} from './campaign.ts'
import { rulesToWire } from './campaign-rules.ts'
import { sumOf, type Campaign, type ListedCampaign } from './campaign-store.ts'
import type { CampaignNumber } from './number-store.ts'
import type { Job } from '../jobs/job.ts'
import { readState } from './import-job.ts'
import { instantText } from '../http/instants.ts'
import type { VoiceOptions } from '../calls/voice-options.ts'
import { toVoiceOptionsWire } from './voice-options-input.ts'

export function toListedWire(campaign: ListedCampaign) {
  const status = campaignStatus(campaign.runState === null ? null : { state: campaign.runState })
  return { ...toBaseWire(campaign), status, number_count: campaign.numberCount }
}

/** Everything that is known about one campaign. */
export function toDetailsWire(
  campaign: Campaign,
  known: {
    voiceOptions: VoiceOptions
    run: Run | null
    totals: ReadonlyMap<NumberStatus, number>
    job: Job | null
  },
) {
  const { voiceOptions, run, totals, job } = known
  return {
    ...toBaseWire(campaign),
    status: campaignStatus(run),
    number_count: sumOf(totals),
    message: campaign.message,
    voice_input: campaign.voice,
    aud_file: campaign.audioId,
    priority: campaign.priority,
    ...toVoiceOptionsWire(voiceOptions),
    created: instantText(campaign.createdAt),
    run_id: run?.id ?? null,
    scheduled_for: run?.scheduledFor ? instantText(run.scheduledFor) : null,
    time_zone: run?.timeZone ?? null,
    pause_reason: run?.pauseReason ?? null,
    ...rulesToWire(campaign.rules),
    progress: progressOf(totals, run),
    import: job === null ? null : toImportWire(job),
  }
}

export function toImportWire(job: Job) {
  const { accepted, invalid, duplicates } = readState(job)
  const counts = { accepted, rejected: invalid, duplicates }
  return { id: job.id, status: job.status, total: job.total, done: job.done, ...counts, error: job.error }
}

/** One that was not taken, with the row of its file or its place in the list (from 1). */
export function toRejectedWire(row: number, given: string, reason: string) {
  return { row, number: given, reason, message: sentenceOf(reason) }
}

export function toNumberWire(
  number: CampaignNumber,
  campaign: { id: number; name: string },
  run: Run | null,
) {
  return {
    id: number.id,
    number: digitsAsInteger(number.digits),
    campaing: campaign.name,
    campaign: campaign.name,
    campaign_id: campaign.id,
    available_tags: number.tags,
    status: statusWord(shownStatus(number, run)),
    duration: number.duration,
    playback: number.playback,
    credit_consumed: number.creditConsumed,
    e164: number.e164,
    given: number.given,
    grade: number.grade,
    flag: number.grade === 'unusual' ? 'unassigned_range' : null,
    reason: number.reason,
    attempts: number.attempts,
    due: number.dueAt === null ? null : instantText(number.dueAt),
    run_id: number.runId,
  }
}

/** A leading zero is lost and more than 15 digits are no number: `given` has them all. */
export function digitsAsInteger(digits: string): number | null {
  return digits === '' || digits.length > 15 ? null : Number(digits)
}

export function sentenceOf(reason: string): string {
  return Object.hasOwn(numberRefusals, reason)
    ? (numberRefusals[reason as keyof typeof numberRefusals] ?? reason)
    : reason
}

function toBaseWire(campaign: Campaign) {
  return {
    id: campaign.id,
    name: campaign.name,
    user_phone: campaign.userPhone,
    services: campaign.service,
    description: campaign.description,
    usable_tags: campaign.usableTags,
  }
}
