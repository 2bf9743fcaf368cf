/** The words of the event stream, read once where the bytes enter. */
import type { Bucket, Call } from '../lib/api-types.ts'

export type LiveMessage =
  /** `more`: others changed as well, too many to be told one by one. */
  | { kind: 'calls.changed'; calls: Call[]; more: boolean; campaignIds: number[] }
  | {
      kind: 'totals.changed'
      calls: Partial<Record<Bucket, number>>
      campaigns: { campaignId: number; numbers: Record<string, unknown> }[]
    }
  | { kind: 'campaign.changed'; campaignId: number; status: string | null }
  | {
      kind: 'import.progress'
      jobId: number
      campaignId: number | null
      done: number
      total: number | null
      status: string
    }
  | { kind: 'call_plans.changed' }
  /** Texts changed; `campaignIds` are those they belong to. */
  | { kind: 'messages.changed'; messageIds: string[]; campaignIds: number[] }
  | { kind: 'messages.received' }
  | { kind: 'requests.changed' }
  | { kind: 'phone_number.changed' }
  | { kind: 'otp.changed' }
  | { kind: 'credits.changed' }
  | { kind: 'lead.changed'; leadId: number }
  /** A dialer put the lead before this agent. */
  | { kind: 'lead.popped'; leadId: number; agentId: string }
  | { kind: 'reset' }

/** The kinds to listen for. `heartbeat` carries nothing: that it came is what it says. */
export const liveKinds = [
  'calls.changed',
  'totals.changed',
  'campaign.changed',
  'import.progress',
  'call_plans.changed',
  'messages.changed',
  'messages.received',
  'requests.changed',
  'phone_number.changed',
  'otp.changed',
  'credits.changed',
  'lead.changed',
  'lead.popped',
  'reset',
  'heartbeat',
] as const

/** What an event says; null when it says nothing to us: a newer server may tell more than this console knows. */
export function readLiveMessage(kind: string, data: string): LiveMessage | null {
  if (kind === 'reset') return { kind }
  const body = parse(data)
  if (body === null) return null
  switch (kind) {
    case 'calls.changed':
      return {
        kind,
        calls: records(body['calls']).flatMap((one) => readCall(one, body['campaign_id'])),
        more: body['more'] === true,
        campaignIds: toNumbers(body['campaigns']),
      }
    case 'totals.changed':
      return {
        kind,
        calls: readTotals(body['calls']),
        campaigns: records(body['campaigns']).flatMap(readCampaignTotals),
      }
    case 'campaign.changed': {
      const campaignId = toNumber(body['campaign_id'])
      return campaignId === null ? null : { kind, campaignId, status: toText(body['status']) }
    }
    case 'import.progress': {
      const jobId = toNumber(body['job_id'])
      if (jobId === null) return null
      return {
        kind,
        jobId,
        campaignId: toNumber(body['campaign_id']),
        done: toNumber(body['done']) ?? 0,
        total: toNumber(body['total']),
        status: toText(body['status']) ?? 'running',
      }
    }
    case 'call_plans.changed':
      return { kind }
    case 'messages.changed':
      return {
        kind,
        messageIds: records(body['messages']).flatMap((one) => toText(one['message_id']) ?? []),
        campaignIds: toNumbers(body['campaigns']),
      }
    case 'requests.changed':
    case 'messages.received':
    case 'phone_number.changed':
    case 'otp.changed':
    case 'credits.changed':
      return { kind }
    case 'lead.changed': {
      const leadId = toNumber(body['lead_id'])
      return leadId === null ? null : { kind, leadId }
    }
    case 'lead.popped': {
      const leadId = toNumber(body['lead_id'])
      const agentId = toText(body['agent'])
      return leadId === null || agentId === null ? null : { kind, leadId, agentId }
    }
    default:
      return null
  }
}

function readCall(given: Record<string, unknown>, campaignId: unknown): Call[] {
  const callId = toText(given['call_id'])
  const status = toText(given['status'])
  const createdAt = toText(given['created_at'])
  if (callId === null || status === null || createdAt === null) return []
  const agent = isRecord(given['agent']) ? given['agent'] : {}
  const state = toText(given['state'])
  return [
    {
      call_id: callId,
      call_sid: toText(given['call_sid']),
      to_number: toText(given['to_number']) ?? '',
      customer_name: toText(given['customer_name']),
      status,
      ...(state === null ? {} : { state }),
      agent: { id: toText(agent['id']), name: toText(agent['name']) ?? 'No Agent' },
      created_at: createdAt,
      started_at: toText(given['started_at']),
      duration: toNumber(given['duration']) ?? 0,
      campaign_id: toNumber(given['campaign_id'] ?? campaignId),
    },
  ]
}

function readTotals(given: unknown): Partial<Record<Bucket, number>> {
  const totals: Partial<Record<Bucket, number>> = {}
  if (!isRecord(given)) return totals
  for (const bucket of ['pending', 'active', 'completed', 'failed'] as const) {
    const count = toNumber(given[bucket])
    if (count !== null) totals[bucket] = count
  }
  return totals
}

function readCampaignTotals(given: Record<string, unknown>) {
  const campaignId = toNumber(given['campaign_id'])
  return campaignId === null || !isRecord(given['numbers']) ? [] : [{ campaignId, numbers: given['numbers'] }]
}

function parse(data: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(data)
    return isRecord(body) ? body : null
  } catch {
    return null
  }
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toNumbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : []
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value)) ? Number(value) : null
}
