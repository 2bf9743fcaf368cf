/** Calling the lead of a plan: the agent's own phone rings first, and is then joined with the lead's. */
import { findUser } from '../accounts/user-store.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { callingWindow } from '../calls/calling-window.ts'
import { toCallDetail } from '../calls/call-detail.ts'
import { findCall, readHistory } from '../calls/call-query-store.ts'
import { CallDetailSchema } from '../calls/call-schemas.ts'
import { tellMoves } from '../calls/call-telling.ts'
import { callerIdsOf, readFrom } from '../calls/caller-choice.ts'
import { insertWaitingCall, wakeDialers } from '../calls/new-call-store.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import type { Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, staff, type Principal } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import { findLead } from '../leads/lead-store.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { zoneListOfNumber } from '../numbers/number-zone.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { uuidV7 } from '../random.ts'
import { findOpenCall } from './plan-call-store.ts'
import { viewerOf, type PlanDeps } from './plan-deps.ts'
import { noPlan, PlanId } from './plan-routes.ts'
import { lockPlan, type LockedPlan } from './plan-store.ts'

export async function planDialRoutes(app: App, deps: PlanDeps): Promise<void> {
  app.route({
    method: 'POST',
    url: '/call/:id/dial/',
    config: { allow: staff },
    schema: {
      tags: ['call plans'],
      summary: 'Call the lead now: rings your phone first; the call is recorded by itself',
      params: PlanId,
      response: { 202: CallDetailSchema },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      // The carrier is asked outside the transaction, and what it says counts only when there is something to do.
      const asked = await Promise.allSettled([deps.callerIds(principal.workspaceId)])
      return idempotent(request, reply, deps.sql, async (tx) => ({
        status: 202,
        body: await dialPlan(tx, deps, {
          principal,
          planId: request.params.id,
          callerIds: () => callerIdsOf(asked[0]),
        }),
      }))
    },
  })
}

type Wanted = { principal: Principal; planId: number; callerIds: () => CallerIds }

async function dialPlan(tx: Tx, deps: PlanDeps, { principal, planId, callerIds }: Wanted) {
  const { workspaceId } = principal
  const plan = (await lockPlan(tx, viewerOf(principal), planId)) ?? noPlan()
  const settings = await findSettings(tx, workspaceId)
  const now = deps.clock.now()
  const lead = await findLead(tx, workspaceId, plan.leadId)
  if (lead === null) noPlan()
  requireUnpaused(plan)
  const number = leadNumber(lead.phone, lead.phoneE164 ?? lead.altPhoneE164, deps.carrierIsLive)
  const phone = await ownPhone(tx, principal, settings.defaultRegion)
  if (phone === number) throw refused('same_number', 'Your own phone is the number of the lead.')
  requireOpen(callingWindow(settings, zonesOf(number, settings.timeZone), now))
  await requireNoCall(tx, plan)
  const born = await insertWaitingCall(
    tx,
    {
      to: phone,
      from: readFrom(null, { callerIds: callerIds(), defaultRegion: settings.defaultRegion }),
      customerName: lead.fullName || lead.companyName || null,
      agentId: principal.agentId,
      message: null,
      voice: null,
      messageSeconds: 0,
      dueAt: now,
      scheduledFor: null,
    },
    {
      workspaceId,
      id: uuidV7(now.getTime()),
      carrierAccountId: deps.carrierAccountId,
      createdBy: principal.userId,
      now,
      join: { number, planId: plan.id },
    },
  )
  const facts = await findCall(tx, { workspaceId, agent: null }, born.id)
  if (facts === null) throw new Error('a call vanished from the transaction that made it')
  const answer = toCallDetail(facts, await readHistory(tx, workspaceId, born.id), now)
  await wakeDialers(tx)
  await closeBatch(tx, { now, workspaces: tellMoves([{ before: null, after: born }]) })
  return answer
}

function requireUnpaused(plan: LockedPlan): void {
  if (!plan.paused) return
  const sentence = `Plan ${plan.id} is paused: its lead ${plan.leadId} is on do-not-call or closed. Nobody was called.`
  throw refused('plan_paused', sentence)
}

function leadNumber(given: string, e164: string | null, carrierIsLive: boolean): string {
  if (e164 === null) {
    const sentence = `The lead's phone ${shown(given)} cannot be called. Correct it with its country code.`
    throw new AppError('invalid', 'invalid_number', sentence, { param: 'lead' })
  }
  if (!carrierIsLive || !isMagicNumber(e164)) return e164
  const sentence = `The lead's phone ${shown(e164)} exists on the simulated carrier only.`
  throw new AppError('invalid', 'simulated_number', sentence, { param: 'lead' })
}

/** The phone of the person who asks. */
async function ownPhone(tx: Tx, principal: Principal, defaultRegion: string): Promise<string> {
  const user = principal.userId === null ? null : await findUser(tx, principal.workspaceId, principal.userId)
  const given = user?.phone ?? ''
  const { e164 } = readPhoneNumber(given, defaultRegion)
  if (e164 !== null) return e164
  const sentence =
    given.trim() === ''
      ? 'You have no phone that could be rung first. Enter one in your profile.'
      : `Your phone ${shown(given)} cannot be rung. Correct it in your profile, with its country code.`
  throw new AppError('invalid', 'agent_without_phone', sentence)
}

function zonesOf(number: string, workspaceZone: string): string[] {
  const list = zoneListOfNumber(number)
  return list === null || list === '' ? [workspaceZone] : list.split(',')
}

function requireOpen(window: ReturnType<typeof callingWindow>): void {
  if (window.open) return
  const when = window.opensAt === null ? 'They never open.' : `They open at ${window.opensAt.toISOString()}.`
  throw refused('outside_calling_hours', `It is outside the calling hours of this lead. ${when}`)
}

async function requireNoCall(tx: Tx, plan: LockedPlan): Promise<void> {
  const callId = await findOpenCall(tx, plan.workspaceId, plan.id)
  if (callId !== null)
    throw refused('already_dialing', `Plan ${plan.id} is being dialed already: call ${callId}.`)
}

function refused(code: string, sentence: string): AppError {
  return new AppError('conflict', code, sentence)
}
