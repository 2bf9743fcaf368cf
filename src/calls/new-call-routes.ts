/** One call, now or at a time: the request writes a row, and the dialer rings. */
import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import { findUser } from '../accounts/user-store.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf, seesAll, staff, type Principal } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import { uuidV7 } from '../random.ts'
import { findFile } from '../speech/audio-store.ts'
import { audioOf, readAudio, receiveAudio } from '../speech/given-audio.ts'
import { wholeSeconds } from './board-call.ts'
import { holdForCall } from './call-credits.ts'
import { callerIdsOf } from './caller-choice.ts'
import type { CallDeps } from './call-deps.ts'
import { toCallDetail } from './call-detail.ts'
import { findCall, readHistory } from './call-query-store.ts'
import { NewCallAnswer } from './call-schemas.ts'
import { tellMoves } from './call-telling.ts'
import { readNewCall, type NewCall, type NewCallBody } from './new-call.ts'
import { hasAgent, insertWaitingCall, wakeDialers } from './new-call-store.ts'

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]))

const NewCallSchema = Type.Object({
  to_number: Type.String({ minLength: 1, maxLength: 200 }),
  customer_name: optionalText,
  agent_id: Type.Optional(Type.Union([Type.String({ format: 'uuid' }), Type.Null()])),
  from_number: optionalText,
  message: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'What is said when it is answered' }),
  ),
  aud_file: Type.Optional(
    Type.Union([Type.String(), Type.Number(), Type.Null()], {
      description:
        'A sound that is played, after the message if there is one: a file in a multipart body, the id or the name of one uploaded before, or an https address',
    }),
  ),
  voice_input: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'np_rija, np_prasanna or np_binod' }),
  ),
  schedule_date: Type.Optional(
    Type.Union([Type.String(), Type.Null()], {
      description: 'Local, like 2023-05-09T17:07, unless it carries an offset',
    }),
  ),
})

export async function newCallRoutes(app: App, deps: CallDeps): Promise<void> {
  app.route({
    method: 'POST',
    url: '/api/calls/',
    config: { allow: staff, receiveFile: (file, request) => receiveAudio(file, request, deps) },
    schema: {
      tags: ['calls'],
      summary: 'Call a number, now or at a time',
      body: NewCallSchema,
      consumes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
      response: { 201: NewCallAnswer },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      // The carrier is asked outside the transaction, and what it says counts only when there is something to do.
      const asked = await Promise.allSettled([deps.callerIds(principal.workspaceId)])
      const { body } = request
      const audioId = await audioOf(request, readAudio(body), deps)
      const wanted = { principal, body, audioId, callerIds: callerIdsOf(asked[0]) }
      return idempotent(request, reply, deps.sql, async (tx) => ({
        status: 201,
        body: await createCall(tx, deps, wanted),
      }))
    },
  })
}

type Wanted = { principal: Principal; body: NewCallBody; audioId: number | null; callerIds: CallerIds }

async function createCall(tx: Tx, deps: CallDeps, { principal, body, audioId, callerIds }: Wanted) {
  const { workspaceId } = principal
  const settings = await findSettings(tx, workspaceId)
  const timeZone = await zoneOf(tx, principal, settings.timeZone)
  const now = deps.clock.now()
  const { defaultRegion, callingHours } = settings
  const { carrierIsLive } = deps
  const read = readNewCall(body, { now, timeZone, defaultRegion, callingHours, carrierIsLive, callerIds })
  const sound = audioId === null ? null : await findFile(tx, workspaceId, audioId)
  const call: NewCall = {
    ...read,
    agentId: await agentFor(tx, principal, read.agentId),
    messageSeconds: read.messageSeconds + Math.ceil((sound?.durationMs ?? 0) / 1_000),
  }
  const born = await insertWaitingCall(tx, call, {
    workspaceId,
    id: uuidV7(now.getTime()),
    carrierAccountId: deps.carrierAccountId,
    createdBy: principal.userId,
    now,
    join: null,
    audioId,
  })
  await holdForCall(tx, { ...call, workspaceId, id: born.id }, { settings, now })
  const facts = await findCall(tx, { workspaceId, agent: null }, born.id)
  if (facts === null) throw new Error('a call vanished from the transaction that made it')
  const answer = {
    ...toCallDetail(facts, await readHistory(tx, workspaceId, born.id), now),
    scheduled_for: call.scheduledFor === null ? null : wholeSeconds(call.scheduledFor),
    time_zone: call.scheduledFor === null ? null : timeZone,
  }
  await wakeDialers(tx)
  await closeBatch(tx, { now, workspaces: tellMoves([{ before: null, after: born }]) })
  return answer
}

/** Whose call it is: an agent's calls are the own. */
export async function agentFor(tx: Tx, principal: Principal, asked: string | null): Promise<string | null> {
  const own = seesAll(principal) ? null : principal.agentId
  const id = asked ?? own
  if (id === null) return null
  const isAllowed = seesAll(principal) || id === own
  if (isAllowed && (await hasAgent(tx, principal.workspaceId, id))) return id
  const message = `agent_id ${shown(id)} is no agent ${isAllowed ? 'of this workspace' : 'of yours'}. See /api/agents/.`
  throw new AppError('invalid', 'unknown_agent', message, { param: 'agent_id' })
}

async function zoneOf(sql: Queryable, principal: Principal, workspaceZone: string): Promise<string> {
  if (principal.userId === null) return workspaceZone
  const user = await findUser(sql, principal.workspaceId, principal.userId)
  return user?.timeZone ?? workspaceZone
}
