/** What was recorded of a call: it stays at the carrier, and is played from there. */
import { AppError } from '../errors.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import type { App } from '../http/app-shell.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import type { Call, Recording } from './call.ts'
import type { CallDeps } from './call-deps.ts'
import { CallId, detailOf, requireCall, viewerOf } from './call-routes.ts'
import { CallDetailSchema } from './call-schemas.ts'
import type { News } from './report.ts'

export async function recordingRoutes(app: App, deps: CallDeps): Promise<void> {
  const tags = ['calls']

  app.route({
    method: 'GET',
    url: '/api/calls/:call_id/recording/',
    config: { allow: staff },
    schema: { tags, summary: 'The recording of a call, as a file of sound', params: CallId },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const { call } = await requireCall(deps, viewerOf(principal), request.params.call_id)
      const recording = await recordingOf(deps, call)
      const sound = await asked(() => deps.recordings.openRecording(recording.sid))
      if (sound === null) throw noRecording(call)
      request.log.info({ callId: call.id, userId: principal.userId }, 'a recording is played')
      reply.header('cache-control', 'no-store')
      reply.type('audio/wav')
      return reply.send(sound)
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/calls/:call_id/recording/',
    config: { allow: managers },
    schema: {
      tags,
      summary: 'Delete the recording of a call, at the carrier too',
      params: CallId,
      response: { 200: CallDetailSchema },
    },
    handler: async (request) => {
      const viewer = viewerOf(principalOf(request))
      const { call } = await requireCall(deps, viewer, request.params.call_id)
      const recording = await recordingOf(deps, call)
      // Deleting may be repeated: whoever dies before it is written down deletes what is gone already.
      await asked(() => deps.recordings.deleteRecording(recording.sid))
      await tell(deps, call, 'person', { kind: 'recording_deleted' })
      return detailOf(deps, viewer, call.id)
    },
  })
}

/** The webhook about a recording may have been lost; then the carrier is asked. */
async function recordingOf(deps: CallDeps, call: Call): Promise<Recording> {
  const known = call.recording
  if (known?.deleted) throw noRecording(call)
  if (known !== null) return known
  const sid = call.carrierSid
  const [found] = sid === null ? [] : await asked(() => deps.recordings.findRecordings(sid))
  if (found === undefined || sid === null) throw noRecording(call)
  const { sid: recordingSid, seconds } = found
  await tell(deps, call, 'list', { kind: 'recorded', sid, recordingSid, seconds })
  return { sid: recordingSid, seconds, deleted: false }
}

async function tell(deps: CallDeps, call: Call, source: 'person' | 'list', news: News): Promise<void> {
  const { workspaceId, id: callId } = call
  await deps.writer.write({ workspaceId, callId, source, at: deps.clock.now(), news })
}

async function asked<Result>(question: () => Promise<Result>): Promise<Result> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof CarrierAway)) throw error
    const sentence = 'The carrier cannot be asked for its recordings right now. Try again.'
    throw new AppError('unavailable', 'carrier_unavailable', sentence, { retryAfterSeconds: 5, cause: error })
  }
}

function noRecording(call: Call): AppError {
  const sentence = call.recording?.deleted
    ? `The recording of call ${call.id} was deleted.`
    : `There is no recording of call ${call.id}.`
  return new AppError('not_found', 'no_recording', sentence)
}
