import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { managers, principalOf } from '../http/principal.ts'
import { campaignStatus, nextRunState } from './campaign.ts'
import { noCampaign, type CampaignDeps } from './campaign-deps.ts'
import { campaignChanged } from './campaign-events.ts'
import { CampaignId, sweptByRequest } from './campaign-routes.ts'
import { lockCampaign } from './campaign-store.ts'
import { lockNewestRun, setRunState } from './run-store.ts'
import { sweepInSteps } from './stop-sweep.ts'

const sentences = {
  pause: 'Campaign is paused',
  resume: 'Campaign is running',
  stop: 'Campaign is stopped',
} as const

/** What may be done to a campaign that runs. */
export async function runCommandRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql, clock } = deps
  const tags = ['campaigns']
  for (const command of ['pause', 'resume', 'stop'] as const) {
    app.route({
      method: 'POST',
      url: `/api/system/campaigns/:id/${command}/`,
      config: { allow: managers },
      schema: { tags, summary: `${command} the run of a campaign`, params: CampaignId },
      handler: async (request, reply) => {
        const { workspaceId } = principalOf(request)
        const now = clock.now()
        const answer = await idempotent(request, reply, sql, async (tx) => {
          const campaign = await lockCampaign(tx, workspaceId, request.params.id)
          if (campaign === null) throw noCampaign(request.params.id)
          const run = await lockNewestRun(tx, workspaceId, campaign.id)
          const state = run === null ? null : nextRunState(command, run.state)
          if (run === null || state === null) throw doesNotFit(command, campaignStatus(run))
          await setRunState(tx, run, state, now)
          const moved = { ...run, state }
          await closeBatch(tx, { now, workspaces: [campaignChanged(campaign, moved)] })
          const data = { run_id: run.id, status: campaignStatus(moved) }
          return { status: 200, body: envelope(data, sentences[command]) }
        })
        if (command === 'stop') {
          await sweepInSteps(sql, { workspaceId, id: answer.data.run_id }, { most: sweptByRequest, now })
        }
        return answer
      },
    })
  }
}

function doesNotFit(command: 'pause' | 'resume' | 'stop', status: string): AppError {
  const wanted = { pause: 'Running', resume: 'Paused', stop: 'Scheduled, Running or Paused' }[command]
  const code = { pause: 'not_running', resume: 'not_paused', stop: 'no_open_run' }[command]
  return new AppError(
    'conflict',
    code,
    `${command} needs a campaign that is ${wanted}; this one is ${status}.`,
  )
}
