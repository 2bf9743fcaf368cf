/** One call with everything that was learned about it, as the API tells it. */
import { instantText } from '../http/instants.ts'
import { wholeSeconds } from './board-call.ts'
import { liveBoardCall, type CallFacts, type HistoryEntry } from './call-query-store.ts'

export function toCallDetail({ call, ...facts }: CallFacts, history: readonly HistoryEntry[], now: Date) {
  return {
    ...liveBoardCall(call, facts.agentName, now),
    reason: call.reason,
    run_id: call.runId,
    number_id: call.numberId,
    attempt: call.attempt,
    from_number: call.fromNumber,
    message: facts.message,
    voice_input: facts.voice,
    due_at: call.state === 'queued' && facts.dueAt !== null ? wholeSeconds(facts.dueAt) : null,
    ended_at: call.endedAt === null ? null : wholeSeconds(call.endedAt),
    heard: call.heard,
    playback: call.playback,
    next_call_id: facts.nextId,
    answered_by: call.answeredBy,
    pressed: call.pressed,
    recording:
      call.recording === null
        ? null
        : {
            url: call.recording.deleted ? null : `/api/calls/${call.id}/recording/`,
            duration: call.recording.seconds,
            deleted: call.recording.deleted,
          },
    history: history.map((entry) => ({ ...entry, at: instantText(entry.at) })),
  }
}

export type CallDetail = ReturnType<typeof toCallDetail>
