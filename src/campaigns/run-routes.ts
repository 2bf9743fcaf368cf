import { Type } from '@fastify/type-provider-typebox'
import { failpoint } from '../failpoint.ts'
import { findUser } from '../accounts/user-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Settings } from '../accounts/settings.ts'
import type { VoiceOptions } from '../calls/voice-options.ts'
import type { Queryable, Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { managers, principalOf, type Principal } from '../http/principal.ts'
import { isOver } from '../jobs/job.ts'
import { latestJobOfCampaign } from '../jobs/job-store.ts'
import { wantSpoken } from '../speech/audio-store.ts'
import { defaultVoice } from '../speech/speech.ts'
import { speechUnavailable } from '../speech/voice-routes.ts'
import { decideBegin, readBegin, scheduledInstant, type BeginRequest } from './begin.ts'
import { audioOf, receiveAudio } from '../speech/given-audio.ts'
import { soundSecondsOf } from './begin-audio.ts'
import { chooseFrom, noCallerId, requireLiveReady, requireStillOwned } from './begin-checks.ts'
import { campaignStatus } from './campaign.ts'
import { farewellTexts } from './farewells.ts'
import { fixedTexts } from './hearing.ts'
import { parseMessage } from './message.ts'
import { mostAnswered } from './retry.ts'
import { askCallerIds, noCampaign, readUserPhone, type CampaignDeps } from './campaign-deps.ts'
import { campaignChanged } from './campaign-events.ts'
import { readRules, type CampaignRules } from './campaign-rules.ts'
import { CampaignId, rulesMembers, userPhone } from './campaign-routes.ts'
import { lockCampaign, numberTotals, sumOf, updateCampaign, type Campaign } from './campaign-store.ts'
import { countSelected, insertRun, newestRun } from './run-store.ts'
import { holdForRun } from './run-credits.ts'
import { readVoiceOptions, voiceOptionMembers } from './voice-options-input.ts'
import { copyVoiceOptions, saveVoiceOptions } from './voice-options-store.ts'

const optionalText = Type.Union([Type.String(), Type.Null()])
const audio = Type.Union([Type.Integer(), Type.String({ maxLength: 2_000 }), Type.Null()], {
  description: 'The id, the name or the https address of a sound file; or the file itself as a part',
})
export const Begin = Type.Object({
  message: Type.Optional(optionalText),
  aud_file: Type.Optional(audio),
  audio: Type.Optional(audio),
  voice_input: Type.Optional(optionalText),
  schedule_date: Type.Optional(
    Type.Union([Type.String({ description: 'Local: 2023-05-09T17:07' }), Type.Null()]),
  ),
  priority: Type.Optional(optionalText),
  status: Type.Optional(
    Type.Union([Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }), Type.Null()]),
  ),
  individual: Type.Optional(
    Type.Union([Type.Array(Type.Union([Type.Integer(), Type.String()]), { maxItems: 50_000 }), Type.Null()]),
  ),
  user_phone: Type.Optional(Type.Union([userPhone, Type.Null()])),
  ...voiceOptionMembers,
  ...rulesMembers,
})

/** Beginning campaigns. */
export async function runRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql } = deps
  const tags = ['campaigns']

  app.route({
    method: 'POST',
    url: '/api/system/campaigns/:id/begin/',
    config: { allow: managers, receiveFile: (file, request) => receiveAudio(file, request, deps) },
    schema: {
      tags,
      summary: 'Begin a campaign, now or at a set time',
      params: CampaignId,
      body: Begin,
      consumes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const { workspaceId } = principal
      const wanted = readBegin(request.body)
      const rules = readRules(request.body)
      const callerIds = await askCallerIds(deps, workspaceId)
      const settings = await findSettings(sql, workspaceId)
      const phones = request.body.user_phone ?? null
      const from = phones === null ? null : readUserPhone(phones, callerIds, settings.defaultRegion)
      const timeZone = await zoneOf(sql, principal, settings)
      const givenAudio = await audioOf(request, wanted.audio, deps)
      return idempotent(request, reply, sql, async (tx) => {
        const campaign = await lockCampaign(tx, workspaceId, request.params.id)
        if (campaign === null) throw noCampaign(request.params.id)
        const fromNumbers = chooseFrom(campaign.service, from ?? campaign.userPhone, callerIds)
        await requireStillOwned(tx, workspaceId, fromNumbers ?? [], callerIds)
        const { service } = campaign
        const begun = {
          campaign,
          wanted,
          voiceOptions: readVoiceOptions(request.body, { ...deps, ...settings, service }),
          rules: { ...campaign.rules, ...rules },
          givenAudio,
          fromNumbers,
          settings,
          timeZone,
          userPhone: from,
          createdBy: principal.userId,
        }
        return { status: 200, body: await beginCampaign(tx, begun, deps) }
      })
    },
  })
}

type Begun = {
  campaign: Campaign
  wanted: BeginRequest
  voiceOptions: Partial<VoiceOptions>
  rules: CampaignRules
  givenAudio: number | null
  fromNumbers: string[] | null
  settings: Settings
  timeZone: string
  /** Null: not given, the stored ones stay. */
  userPhone: string[] | null
  createdBy: string | null
}

/** Writes one run, in the caller's transaction, which has locked the campaign. */
async function beginCampaign(tx: Tx, begun: Begun, deps: CampaignDeps) {
  const { campaign, wanted, settings, timeZone } = begun
  const { workspaceId } = campaign
  const now = deps.clock.now()
  const job = await latestJobOfCampaign(tx, workspaceId, campaign.id)
  const totals = await numberTotals(tx, workspaceId, campaign.id)
  const selected = await countSelected(tx, campaign, wanted)
  const decided = decideBegin(wanted, {
    service: campaign.service,
    storedMessage: campaign.message,
    givenAudio: begun.givenAudio,
    storedAudio: campaign.audioId,
    storedPriority: campaign.priority,
    usableTags: campaign.usableTags,
    newestRun: await newestRun(tx, workspaceId, campaign.id),
    isImporting: job !== null && !isOver(job.status),
    usable: sumOf(totals) - (totals.get('invalid') ?? 0),
    selected,
  })
  if (begun.fromNumbers === null) throw noCallerId()
  if (deps.carrierIsLive) await requireLiveReady(tx, campaign, settings)
  const scheduledFor =
    wanted.scheduleDate === null ? null : scheduledInstant(wanted.scheduleDate, timeZone, now)
  const voice = wanted.voice ?? campaign.voice ?? defaultVoice
  const { message, audioId, priority } = decided
  const isSpoken = campaign.service === 'PHONE' && deps.speech !== null && message !== ''
  const spokenBy = isSpoken ? 'voice' : 'carrier'
  const problem = deps.speech?.problem() ?? null
  if (spokenBy === 'voice' && problem !== null) throw speechUnavailable(problem)

  const stored = {
    ...(message === '' ? {} : { message }),
    voice,
    rules: begun.rules,
    ...(campaign.service === 'SMS' ? {} : { audioId, priority }),
    ...(begun.userPhone === null ? {} : { userPhone: begun.userPhone }),
  }
  await updateCampaign(tx, campaign, stored, now)
  const { keys } = await saveVoiceOptions(tx, campaign, begun.voiceOptions)
  const run = await insertRun(
    tx,
    {
      workspaceId,
      campaignId: campaign.id,
      state: scheduledFor === null ? 'running' : 'scheduled',
      message,
      voice,
      audioId,
      priority,
      spokenBy,
      rules: begun.rules,
      fromNumbers: begun.fromNumbers,
      statuses: wanted.statuses,
      individual: wanted.individual,
      scheduledFor,
      timeZone: scheduledFor === null ? null : timeZone,
      createdBy: begun.createdBy,
    },
    now,
  )
  await copyVoiceOptions(tx, run)
  // What everybody hears in the same words is spoken while the first numbers are looked at.
  const fixed = spokenBy === 'carrier' ? [] : fixedTexts({ voice }, parseMessage(message))
  if (spokenBy === 'voice' && keys !== null) fixed.push(...farewellTexts(voice))
  const texts = fixed.map((text) => ({ workspaceId, ...text }))
  await wantSpoken(tx, texts, now)
  failpoint('run.begun')
  const calls = selected * mostAnswered(begun.rules.retry)
  const soundSeconds = await soundSecondsOf(tx, campaign, audioId)
  const { service } = campaign
  const numbers = { workspaceId, id: run.id, service, message, soundSeconds, numbers: calls }
  const held = await holdForRun(tx, numbers, { settings, now })
  await closeBatch(tx, { now, workspaces: [campaignChanged(campaign, run)] })
  const data = {
    'hold amount': `${held} credit on hold for ${campaign.name} campaign.`,
    run_id: run.id,
    status: campaignStatus(run),
    scheduled_for: scheduledFor === null ? null : instantText(scheduledFor),
    time_zone: timeZone,
  }
  return envelope(data, scheduledFor === null ? 'Campaign is running' : 'Campaign is scheduled')
}

/** The zone in which a person writes times. */
export async function zoneOf(sql: Queryable, principal: Principal, settings: Settings): Promise<string> {
  if (principal.userId === null) return settings.timeZone
  const user = await findUser(sql, principal.workspaceId, principal.userId)
  return user?.timeZone ?? settings.timeZone
}
