import { Type } from '@fastify/type-provider-typebox'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { principalOf, managers, staff } from '../http/principal.ts'
import { sendTable, tableFormat, tableTypes } from '../http/table-file.ts'
import { burnUpReport, stepFor } from './burn-up.ts'
import { campaignStatus, numberStatuses, statusWord, type NumberStatus } from './campaign.ts'
import { requireCampaign, type CampaignDeps } from './campaign-deps.ts'
import { CampaignId } from './campaign-routes.ts'
import type { Campaign } from './campaign-store.ts'
import { numberTable } from './number-table.ts'
import {
  attemptsReport,
  callersReport,
  hoursReport,
  keysReport,
  numbersReport,
  runsReport,
  secondsReport,
} from './report.ts'
import { ReportSchema } from './report-schema.ts'
import {
  callGroups,
  endedInSteps,
  keyGroups,
  numberGroups,
  runFigures,
  textGroups,
  type ReportOf,
  type RunFigures,
} from './report-store.ts'
import { newestRun } from './run-store.ts'

const tags = ['campaigns']
const reportFormat = Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('xlsx')])
const fileTypes = ['application/json', 'text/csv']

/** What came of a campaign: counted, and number by number as a file. */
export async function reportRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql } = deps

  app.route({
    method: 'GET',
    url: '/api/system/campaigns/:id/report/',
    config: { allow: staff },
    schema: {
      tags,
      summary: 'What came of a campaign',
      description: 'json: the figures; csv and xlsx: what became of each number. `run`: of that run alone.',
      params: CampaignId,
      querystring: Type.Object({
        format: Type.Optional(reportFormat),
        run: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
      }),
      response: {
        200: {
          description: 'The figures; in a file, a line for each number',
          content: {
            'application/json': { schema: ReportSchema },
            'text/csv': { schema: Type.String() },
            [tableTypes.xlsx]: { schema: Type.String({ format: 'binary' }) },
          },
        },
      },
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const campaign = await requireCampaign(sql, workspaceId, request.params.id)
      const { format = 'json', run = null } = request.query
      const of = { workspaceId, id: campaign.id, runId: run }
      if (format === 'json')
        return envelope({ details: await reportOf(deps, campaign, of) }, 'Report Successfully Retrieved')
      const newest = await newestRun(sql, workspaceId, campaign.id)
      const table = numberTable(sql, campaign, { newest, runId: run })
      return sendTable(reply, format, { ...table, name: `campaign-${campaign.id}-report` })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/system/campaigns/:id/export/',
    config: { allow: managers },
    schema: {
      tags,
      summary: 'The numbers of a campaign as a file, with their tags and what became of them',
      params: CampaignId,
      querystring: Type.Object({
        format: Type.Optional(tableFormat),
        status: Type.Optional(Type.String({ maxLength: 200, description: 'One or more, with commas' })),
      }),
      produces: fileTypes,
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const campaign = await requireCampaign(sql, workspaceId, request.params.id)
      const statuses = readStatuses(request.query.status ?? '')
      const newest = await newestRun(sql, workspaceId, campaign.id)
      return sendTable(reply, request.query.format ?? 'csv', numberTable(sql, campaign, { newest, statuses }))
    },
  })
}

async function reportOf({ sql, clock }: CampaignDeps, campaign: Campaign, of: ReportOf) {
  const now = clock.now()
  const { id, name, service } = campaign
  const [runs, numbers, attempts] = await Promise.all([
    runFigures(sql, of),
    numberGroups(sql, of),
    service === 'SMS' ? textGroups(sql, of) : callGroups(sql, of),
  ])
  if (of.runId !== null && runs.length === 0)
    throw new AppError('not_found', 'run_not_found', `Campaign ${id} has no run ${of.runId}.`, {
      param: 'run',
    })
  return {
    campaign: {
      id,
      name,
      services: service,
      status: campaignStatus(await newestRun(sql, campaign.workspaceId, id)),
    },
    run_id: of.runId,
    runs: runsReport(runs),
    numbers: numbersReport(numbers),
    ...attemptsReport(service, attempts),
    ...(service === 'SMS' ? {} : { ...secondsReport(attempts), keys: keysReport(await keyGroups(sql, of)) }),
    credits: {
      used: runs.reduce((all, run) => all + run.used, 0),
      held: runs.reduce((all, run) => all + run.held, 0),
    },
    callers: callersReport(attempts),
    by_hour: hoursReport(attempts),
    burn_up: await burnUpOf(sql, campaign, { run: runs[0], now }),
  }
}

/** Of the run that was asked for, else of the newest; null when it has not begun. */
async function burnUpOf(
  sql: Sql,
  { workspaceId, service }: Campaign,
  { run, now }: { run: RunFigures | undefined; now: Date },
) {
  if (!run?.startedAt) return null
  const seconds = Math.max(0, ((run.endedAt ?? now).getTime() - run.startedAt.getTime()) / 1_000)
  const span = { runId: run.id, from: run.startedAt, seconds }
  const of = { workspaceId, runId: run.id, service }
  const steps = { from: run.startedAt, stepSeconds: stepFor(seconds) }
  return burnUpReport(span, await endedInSteps(sql, of, steps))
}

function readStatuses(text: string): readonly NumberStatus[] {
  const words = text.split(',').map((word) => word.trim().toLowerCase().replace(' ', '_'))
  const named = words.filter((word) => word !== '')
  if (named.length === 0) return numberStatuses
  return named.map((word) => {
    const status = numberStatuses.find((one) => one === word)
    if (status !== undefined) return status
    const accepted = numberStatuses.map(statusWord).join(', ')
    const sentence = `status must be one or more of ${accepted}; "${word.slice(0, 40)}" is not.`
    throw new AppError('invalid', 'unknown_status', sentence, { param: 'status' })
  })
}
