/** A campaign with its numbers and one run, written as begin and import write them. */
import type { VoiceOptions } from '../src/calls/voice-options.ts'
import { noRules, rulesToWire, type CampaignRules } from '../src/campaigns/campaign-rules.ts'
import { jsonOrNull } from '../src/campaigns/campaign-store.ts'
import { arrayOf, column, type Sql } from '../src/db/sql.ts'
import { closeBatch } from '../src/events/event-log.ts'
import { zoneListOfNumber } from '../src/numbers/number-zone.ts'
import type { World } from './world.ts'

export type TestRun = { campaignId: number; runId: number }

/** Distinct fictional numbers outside the range that means something to the simulated carrier. */
export function fictionalNumbers(count: number, area = 212): string[] {
  return Array.from({ length: count }, (_, index) => `+1${area}${String(5_550_000 + index)}`)
}

export async function beginCampaign(
  world: Pick<World, 'sql' | 'workspaceId' | 'clock'>,
  numbers: readonly string[],
  options: {
    message?: string
    from?: string
    tags?: Record<string, unknown>
    service?: 'PHONE' | 'SMS'
    /** Spoken by this voice; said by the carrier without one. */
    voice?: string
    audioId?: number
    priority?: 'message' | 'audio'
    voiceOptions?: Partial<VoiceOptions>
    /** Of each number, where they differ. */
    tagsOf?: (number: string, index: number) => Record<string, unknown>
    rules?: Partial<CampaignRules>
  } = {},
): Promise<TestRun> {
  const now = world.clock.now()
  const tags = numbers.map((number, index) =>
    JSON.stringify(options.tagsOf?.(number, index) ?? options.tags ?? {}),
  )
  const rules = rulesToWire({ ...noRules, ...options.rules })
  return world.sql.begin(async (tx) => {
    const [campaign] = await tx<{ id: number }[]>`
      insert into campaigns (workspace_id, name, service, created_at, updated_at)
      values (${world.workspaceId}, 'Test', ${options.service ?? 'PHONE'}, ${now}, ${now}) returning id`
    const campaignId = campaign?.id ?? 0
    await tx`
      insert into campaign_numbers (workspace_id, campaign_id, given, digits, e164, grade, time_zone, tags, created_at)
      select ${world.workspaceId}, ${campaignId}, n, substr(n, 2), n, 'valid', z, t::jsonb, ${now}
        from unnest(${arrayOf(numbers)}::text[], ${column(numbers, zoneListOfNumber)}::text[], ${arrayOf(tags)}::text[])
             as v (n, z, t)`
    const [run] = await tx<{ id: number }[]>`
      insert into runs (workspace_id, campaign_id, ordinal, state, message, voice, spoken_by, audio_id, priority,
                        from_numbers, voice_options, calling_hours, retry, breaker, created_at, started_at)
      values (${world.workspaceId}, ${campaignId}, 1, 'running', ${options.message ?? 'This is a message.'},
              ${options.voice ?? null}, ${options.voice === undefined ? 'carrier' : 'voice'}, ${options.audioId ?? null},
              ${options.priority ?? 'message'},
              ${[options.from ?? '+18005550100']}, ${tx.json((options.voiceOptions ?? {}) as never)},
              ${jsonOrNull(rules.calling_hours)}::text::jsonb, ${jsonOrNull(rules.retry)}::text::jsonb,
              ${jsonOrNull(rules.breaker)}::text::jsonb, ${now}, ${now})
      returning id`
    await closeBatch(tx, {
      now,
      workspaces: [
        {
          workspaceId: world.workspaceId,
          totals: [0, campaignId].map((place) => ({
            campaignId: place,
            subject: 'number' as const,
            state: 'not_started',
            delta: numbers.length,
          })),
          events: [],
        },
      ],
    })
    await tx`select pg_notify('trunkline_dial', '')`
    return { campaignId, runId: run?.id ?? 0 }
  })
}

export async function runState(sql: Sql, runId: number): Promise<string | undefined> {
  const [row] = await sql<{ state: string }[]>`select state from runs where id = ${runId}`
  return row?.state
}

/** How many numbers of a campaign have each status. */
export async function statuses(sql: Sql, campaignId: number): Promise<Record<string, number>> {
  const rows = await sql<{ status: string; count: number }[]>`
    select status, count(*)::int as count from campaign_numbers where campaign_id = ${campaignId} group by status`
  return Object.fromEntries(rows.map((row) => [row.status, row.count]))
}
