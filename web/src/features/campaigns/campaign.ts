import type {
  BreakerRule,
  CampaignDetails,
  CampaignImport,
  CampaignSummary,
  KeyMeaning,
  MachineChoice,
  RetryRule,
} from '../../lib/api-types.ts'
import { toNumberCounts, type NumberCounts } from './progress.ts'

export type CampaignStatus = 'Not Started' | 'Scheduled' | 'Running' | 'Paused' | 'Completed' | 'Terminated'

export interface Campaign {
  id: number
  name: string
  service: 'PHONE' | 'SMS'
  description: string
  usableTags: readonly string[]
  status: CampaignStatus
  numberCount: number
  /** Null when the answer carried none. */
  counts: NumberCounts | null
  message: string | null
  voice: string | null
  soundId: number | null
  priority: 'message' | 'audio' | null
  from: readonly string[]
  options: { machine: MachineChoice; keys: Record<string, KeyMeaning> | null; record: boolean }
  hours: Record<string, [string, string]> | null
  retry: RetryRule | null
  breaker: BreakerRule | null
  /** Why it pauses, when nobody paused it. */
  pauseReason: string | null
  scheduledFor: string | null
  import: CampaignImport | null
}

const statuses: readonly CampaignStatus[] = [
  'Not Started',
  'Scheduled',
  'Running',
  'Paused',
  'Completed',
  'Terminated',
]

export function toCampaign(answer: CampaignSummary | CampaignDetails): Campaign {
  const details: Partial<CampaignDetails> = answer
  return {
    id: answer.id,
    name: answer.name,
    service: answer.services,
    description: answer.description ?? '',
    usableTags: answer.usable_tags ?? [],
    status: toCampaignStatus(answer.status),
    numberCount: answer.number_count ?? 0,
    counts: answer.progress === undefined ? null : toNumberCounts(answer.progress),
    message: details.message ?? null,
    voice: details.voice_input ?? null,
    soundId: details.aud_file ?? null,
    priority: details.priority ?? null,
    from: details.user_phone ?? [],
    options: {
      machine: details.answering_machine ?? 'ignore',
      keys: details.keypresses ?? null,
      record: details.record ?? false,
    },
    hours: details.calling_hours ?? null,
    retry: details.retry ?? null,
    breaker: details.breaker ?? null,
    pauseReason: details.pause_reason?.message ?? null,
    scheduledFor: details.scheduled_for ?? null,
    import: details.import ?? null,
  }
}

/** The status under its one spelling; the stream and the routes may differ in case and in the gap between words. */
export function toCampaignStatus(word: string): CampaignStatus {
  const spelled = word.toLowerCase().replace(/[_-]/g, ' ')
  const found = statuses.find((status) => status.toLowerCase() === spelled)
  return found ?? (spelled === 'stopped' ? 'Terminated' : 'Not Started')
}

/** An import that still adds numbers: nothing can begin before it is through. */
export function isImporting(campaign: Campaign): boolean {
  return campaign.import !== null && !isJobOver(campaign.import.status)
}

export function isJobOver(status: string): boolean {
  return status !== 'queued' && status !== 'running'
}
