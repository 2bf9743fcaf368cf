import type { Static } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { noContacts } from '../accounts/frequency-cap.ts'
import type { Settings } from '../accounts/settings.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { noCredit } from '../credits/credit.ts'
import { readCredits } from '../credits/credit-store.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { managers, principalOf } from '../http/principal.ts'
import { isOver } from '../jobs/job.ts'
import { latestJobOfCampaign } from '../jobs/job-store.ts'
import { audioOf } from '../speech/given-audio.ts'
import { soundSecondsOf } from './begin-audio.ts'
import { chooseFrom, noCallerId, requireLiveReady } from './begin-checks.ts'
import { decideBegin, readBegin, scheduledInstant, type BeginRequest } from './begin.ts'
import { askCallerIds, readUserPhone, requireCampaign, type CampaignDeps } from './campaign-deps.ts'
import { CampaignId } from './campaign-routes.ts'
import { readRules } from './campaign-rules.ts'
import { numberTotals, sumOf, type Campaign } from './campaign-store.ts'
import type { Selection } from './campaign.ts'
import { createEstimate, type EstimateTerms } from './estimate.ts'
import { warningsOf } from './estimate-warnings.ts'
import { parseMessage, tagKey, type Message } from './message.ts'
import { contactsOfPeople, outlookOf } from './preview-routes.ts'
import { idRange } from './number-store.ts'
import { knownRecipients } from './recipient-outlook-store.ts'
import { mostAnswered } from './retry.ts'
import { holdOf } from './run-credits.ts'
import { Begin, zoneOf } from './run-routes.ts'
import { countSelected, newestRun } from './run-store.ts'
import { readVoiceOptions } from './voice-options-input.ts'

/** What a run would do, before it is begun. */
export async function estimateRoutes(app: App, deps: CampaignDeps): Promise<void> {
  app.route({
    method: 'POST',
    url: '/api/system/campaigns/:id/estimate/',
    config: { allow: managers },
    schema: {
      tags: ['campaigns'],
      summary: 'What beginning would do and cost, and what stands in its way',
      description:
        'Takes what begin takes and writes nothing. Above 20,000 numbers a sample of them is scaled up (`exact: false`).',
      params: CampaignId,
      body: Begin,
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const campaign = await requireCampaign(deps.sql, workspaceId, request.params.id)
      return envelope({ details: await estimateOf(request, campaign, deps) }, 'This is what a run would do.')
    },
  })
}

type BeginAsked = FastifyRequest<{ Body: Static<typeof Begin> }>

async function estimateOf(request: BeginAsked, campaign: Campaign, deps: CampaignDeps) {
  const { sql } = deps
  const { body } = request
  const settings = await findSettings(sql, campaign.workspaceId)
  const found = collectProblems()
  const wanted = (await found.unless(() => readBegin(body))) ?? readBegin({})
  const rules = { ...campaign.rules, ...(await found.unless(() => readRules(body))) }
  const { service } = campaign
  await found.unless(() => readVoiceOptions(body, { ...deps, ...settings, service }))
  const audioId = (await found.unless(() => libraryAudio(request, wanted, deps))) ?? campaign.audioId
  const fromNumbers = (await found.unless(() => callerIdsOf(request, campaign, settings, deps))) ?? []
  const selected = await countSelected(sql, campaign, wanted)
  await found.unless(() => wouldBegin({ campaign, wanted, audioId, selected }, deps))
  if (deps.carrierIsLive) await found.unless(() => requireLiveReady(sql, campaign, settings))
  const zone = await zoneOf(sql, principalOf(request), settings)
  const now = deps.clock.now()
  const { scheduleDate } = wanted
  if (scheduleDate !== null) await found.unless(() => scheduledInstant(scheduleDate, zone, now))

  const sentence = wanted.message ?? campaign.message ?? ''
  const message = parseMessage(sentence)
  const soundSeconds = await soundSecondsOf(sql, campaign, audioId)
  const { result, exact } = await lookThrough(sql, campaign, {
    selection: wanted,
    selected,
    settings,
    now,
    terms: {
      service: campaign.service,
      message,
      soundSeconds,
      prices: settings.creditPrices,
      mostAnswered: mostAnswered(rules.retry),
      outlook: outlookOf(settings, rules, now),
      timeZone: settings.timeZone,
    },
  })
  const calls = selected * mostAnswered(rules.retry)
  const run = { service: campaign.service, message: sentence, soundSeconds, numbers: calls }
  const hold = holdOf(run, settings.creditPrices)
  const available = await availableCredits(sql, campaign.workspaceId, settings.creditLimit)
  if (available !== null && hold > available) found.add(noCredit(hold, available))
  const known = new Set(campaign.usableTags.map(tagKey))
  const { wrongZones, ...figures } = result
  return {
    can_begin: found.problems.length === 0,
    problems: found.problems,
    warnings: warningsOf({ figures, wrongZones, message, campaign }),
    ...figures,
    tags: figures.tags.map((tag) => ({
      ...tag,
      known: known.has(tag.tag),
      fallback: fallbackOf(message, tag.tag),
    })),
    cost: { hold, ...figures.cost, available },
    from_numbers: fromNumbers,
    exact,
  }
}

/** What begin would refuse is gathered instead of thrown, so that all of it is seen at once. */
function collectProblems() {
  const problems: { code: string; param: string | null; message: string }[] = []
  const add = (error: AppError): void =>
    void problems.push({ code: error.code, param: error.details.param ?? null, message: error.message })
  return {
    problems,
    add,
    async unless<Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        add(error)
        return undefined
      }
    },
  }
}

/** A sound of the library. One that is still at an address is fetched when the campaign begins. */
async function libraryAudio(request: BeginAsked, wanted: BeginRequest, deps: CampaignDeps) {
  const isAddress = wanted.audio !== null && /^[a-z][a-z0-9+.-]*:\/\//i.test(wanted.audio.text)
  return isAddress ? null : audioOf(request, wanted.audio, deps)
}

async function callerIdsOf(request: BeginAsked, campaign: Campaign, settings: Settings, deps: CampaignDeps) {
  const callerIds = await askCallerIds(deps, campaign.workspaceId)
  const given = request.body.user_phone ?? undefined
  const chosen =
    given === undefined ? campaign.userPhone : readUserPhone(given, callerIds, settings.defaultRegion)
  const fromNumbers = chooseFrom(campaign.service, chosen, callerIds)
  if (fromNumbers === null) throw noCallerId()
  return fromNumbers
}

async function wouldBegin(
  asked: { campaign: Campaign; wanted: BeginRequest; audioId: number | null; selected: number },
  { sql }: CampaignDeps,
): Promise<void> {
  const { campaign, wanted, audioId, selected } = asked
  const { workspaceId, id } = campaign
  const job = await latestJobOfCampaign(sql, workspaceId, id)
  const totals = await numberTotals(sql, workspaceId, id)
  decideBegin(wanted, {
    service: campaign.service,
    storedMessage: campaign.message,
    givenAudio: wanted.audio === null ? null : audioId,
    storedAudio: campaign.audioId,
    storedPriority: campaign.priority,
    usableTags: campaign.usableTags,
    newestRun: await newestRun(sql, workspaceId, id),
    isImporting: job !== null && !isOver(job.status),
    usable: sumOf(totals) - (totals.get('invalid') ?? 0),
    selected,
  })
}

/** So many are looked at one by one; of more, as many in equal parts of the list. */
const mostLookedAt = 20_000
const rowsPerQuery = 1_000

type LookThrough = {
  selection: Selection
  selected: number
  settings: Settings
  now: Date
  terms: EstimateTerms
}

async function lookThrough(
  sql: Sql,
  campaign: Campaign,
  { selection, selected, settings, now, terms }: LookThrough,
) {
  const estimate = createEstimate(terms)
  const exact = selected <= mostLookedAt
  const range = (await idRange(sql, campaign)) ?? { first: 1, last: 0 }
  let looked = 0
  let after = range.first - 1
  const stride = exact ? 0 : Math.floor(((range.last - range.first) * rowsPerQuery) / mostLookedAt)
  for (let step = 0; after < range.last && (exact || step < mostLookedAt / rowsPerQuery); step += 1) {
    const rows = await knownRecipients(sql, campaign, {
      selection,
      after,
      until: range.last,
      limit: rowsPerQuery,
    })
    const { workspaceId } = campaign
    const contacts = await contactsOfPeople(sql, workspaceId, { people: rows, settings, now })
    for (const [index, row] of rows.entries()) estimate.add(row, contacts[index] ?? noContacts)
    looked += rows.length
    const last = rows.at(-1)
    if (last === undefined) break
    after = exact ? last.id : Math.max(last.id, range.first - 1 + (step + 1) * stride)
  }
  return { result: estimate.result(looked === 0 ? 1 : exact ? 1 : selected / looked), exact }
}

async function availableCredits(sql: Sql, workspaceId: number, limit: number | null): Promise<number | null> {
  if (limit === null) return null
  const { used, held } = await readCredits(sql, workspaceId)
  return Math.max(0, limit - used - held)
}

function fallbackOf(message: Message, tag: string): string | null {
  for (const part of message)
    if ('tag' in part && part.tag === tag && part.fallback !== null) return part.fallback
  return null
}
