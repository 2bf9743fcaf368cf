import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { pageLinks, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import { AppError } from '../errors.ts'
import { cancelJobsOfCampaign, latestJobOfCampaign } from '../jobs/job-store.ts'
import { isOpen } from './campaign.ts'
import {
  askCallerIds,
  noCampaign,
  readUserPhone,
  requireCampaign,
  type CampaignDeps,
} from './campaign-deps.ts'
import { campaignChanged } from './campaign-events.ts'
import { readRules } from './campaign-rules.ts'
import {
  countCampaigns,
  listCampaigns,
  lockCampaign,
  markDeleted,
  numberTotals,
  updateCampaign,
  type CampaignChanges,
} from './campaign-store.ts'
import { toDetailsWire, toListedWire } from './campaign-wire.ts'
import { lockNewestRun, newestRun, setRunState } from './run-store.ts'
import { readVoiceOptions, voiceOptionMembers } from './voice-options-input.ts'
import { findVoiceOptions, saveVoiceOptions } from './voice-options-store.ts'
import { sweepInSteps } from './stop-sweep.ts'

export const CampaignId = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
export const campaignName = Type.String({ minLength: 1, maxLength: 200 })
export const campaignService = Type.Union([Type.Literal('PHONE'), Type.Literal('SMS')])
/** Read by hand, so that a form may carry them as JSON text. */
export const rulesMembers = {
  calling_hours: Type.Optional(
    Type.Unsafe<unknown>({ description: 'On top of the workspace: {"mon": ["09:00", "20:00"], …}, or null' }),
  ),
  retry: Type.Optional(
    Type.Unsafe<unknown>({
      description: '{"max_attempts": 3, "no_answer": {"times": 2, "delay_minutes": 60}, …}, or null',
    }),
  ),
  breaker: Type.Optional(
    Type.Unsafe<unknown>({ description: 'Pauses it: {"failed_percent": 50, "of_last": 50}, or null' }),
  ),
}
export const userPhone = Type.Array(Type.String({ maxLength: 60 }), { maxItems: 100 })

const Update = Type.Object({
  name: Type.Optional(campaignName),
  services: Type.Optional(campaignService),
  description: Type.Optional(Type.String({ maxLength: 5_000 })),
  user_phone: Type.Optional(userPhone),
  ...voiceOptionMembers,
  ...rulesMembers,
})

/** How many numbers a request terminates itself after a stop; the dial loop does the rest. */
export const sweptByRequest = 20_000

/** Campaigns, except how they are made and begun. */
export async function campaignRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql, clock } = deps
  const tags = ['campaigns']

  app.route({
    method: 'GET',
    url: '/api/system/campaigns/',
    config: { allow: staff, bare: true },
    schema: { tags, summary: 'Campaigns, newest first', querystring: Type.Object(PageQuery) },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      const count = await countCampaigns(sql, workspaceId)
      const pagination = pageLinks(request, deps.publicUrl, { ...page, count })
      const campaigns = await listCampaigns(sql, workspaceId, { limit: page.size, offset: page.offset })
      const messages = 'Campaign Successfully Retrieved'
      return { pagination, result: { messages, 'campaign-lists': campaigns.map(toListedWire) } }
    },
  })

  app.route({
    method: 'GET',
    url: '/api/system/campaigns/:id/details/',
    config: { allow: staff },
    schema: { tags, summary: 'One campaign with its progress', params: CampaignId },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const campaign = await requireCampaign(sql, workspaceId, request.params.id)
      const details = toDetailsWire(campaign, {
        voiceOptions: await findVoiceOptions(sql, campaign),
        run: await newestRun(sql, workspaceId, campaign.id),
        totals: await numberTotals(sql, workspaceId, campaign.id),
        job: await latestJobOfCampaign(sql, workspaceId, campaign.id),
      })
      return envelope(
        { messages: 'Campaign Successfully Retrieved', details },
        'Campaign Successfully Retrieved',
      )
    },
  })

  app.route({
    method: 'PUT',
    url: '/api/system/campaigns/:id/update/',
    config: { allow: managers },
    schema: { tags, summary: 'Change a campaign', params: CampaignId, body: Update },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { body } = request
      const changes: CampaignChanges = {}
      if (body.name !== undefined) changes.name = requireName(body.name)
      if (body.services !== undefined) changes.service = body.services
      if (body.description !== undefined) changes.description = body.description
      const { defaultRegion } = await findSettings(sql, workspaceId)
      if (body.user_phone !== undefined) {
        changes.userPhone = readUserPhone(
          body.user_phone,
          await askCallerIds(deps, workspaceId),
          defaultRegion,
        )
      }
      const rules = readRules(body)
      return idempotent(request, reply, sql, async (tx) => {
        const now = clock.now()
        const campaign = await lockCampaign(tx, workspaceId, request.params.id)
        if (campaign === null) throw noCampaign(request.params.id)
        changes.rules = { ...campaign.rules, ...rules }
        const run = await newestRun(tx, workspaceId, campaign.id)
        if (run !== null && isOpen(run.state) && (changes.service ?? campaign.service) !== campaign.service) {
          throw new AppError(
            'conflict',
            'run_open',
            `services cannot change while the campaign is ${run.state}. Stop it first.`,
            {
              param: 'services',
            },
          )
        }
        const changed = await updateCampaign(tx, campaign, changes, now)
        const reading = { service: changed.service, defaultRegion, carrierIsLive: deps.carrierIsLive }
        const details = toDetailsWire(changed, {
          voiceOptions: await saveVoiceOptions(tx, changed, readVoiceOptions(body, reading)),
          run,
          totals: await numberTotals(tx, workspaceId, campaign.id),
          job: await latestJobOfCampaign(tx, workspaceId, campaign.id),
        })
        await closeBatch(tx, { now, workspaces: [campaignChanged(changed, run)] })
        return { status: 200, body: envelope({ details }, 'Campaign details successfully updated.') }
      })
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/system/campaigns/:id/delete/',
    config: { allow: managers },
    schema: { tags, summary: 'Delete a campaign; one that runs is stopped first', params: CampaignId },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const now = clock.now()
      const stopped: { runId: number | null } = { runId: null }
      const answer = await idempotent(request, reply, sql, async (tx) => {
        const campaign = await lockCampaign(tx, workspaceId, request.params.id)
        if (campaign === null) throw noCampaign(request.params.id)
        const run = await lockNewestRun(tx, workspaceId, campaign.id)
        if (run !== null && isOpen(run.state)) {
          await setRunState(tx, run, 'stopped', now)
          stopped.runId = run.id
        }
        await cancelJobsOfCampaign(tx, workspaceId, campaign.id, now)
        await markDeleted(tx, campaign, now)
        await closeBatch(tx, { now, workspaces: [campaignChanged(campaign, run, { deleted: true })] })
        return {
          status: 200,
          body: envelope({ camaign: 'Campaign Deleted Succesfully' }, 'Campaign Deleted Succesfully'),
        }
      })
      if (stopped.runId !== null) {
        await sweepInSteps(sql, { workspaceId, id: stopped.runId }, { most: sweptByRequest, now })
      }
      return answer
    },
  })
}

/** A name of blanks is none. */
export function requireName(name: string): string {
  const trimmed = name.trim()
  if (trimmed !== '') return trimmed
  throw new AppError('invalid', 'missing_field', 'name must not be empty.', { param: 'name' })
}
