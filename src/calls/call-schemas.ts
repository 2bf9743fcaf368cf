/** What the API's description says about calls. */
import { Type } from '@fastify/type-provider-typebox'

const nullableText = Type.Union([Type.String(), Type.Null()])
const nullableNumber = Type.Union([Type.Integer(), Type.Null()])

/** The members of a call on the board. */
const boardMembers = {
  call_id: Type.String({ format: 'uuid' }),
  call_sid: Type.Union([Type.String(), Type.Null()], { description: 'The id the carrier gave it' }),
  to_number: Type.String({ description: 'E.164' }),
  customer_name: nullableText,
  status: Type.String({
    description: 'initiated, ringing, in_progress, completed, failed, no_answer, busy or canceled',
  }),
  state: Type.String({ description: 'The precise word behind the status' }),
  agent: Type.Object({ id: nullableText, name: Type.String() }),
  created_at: Type.String({ description: 'UTC, whole seconds' }),
  started_at: Type.Union([Type.String(), Type.Null()], {
    description: 'When it was answered; null when it was not',
  }),
  duration: Type.Integer({ description: 'Whole seconds talked, or since the answer' }),
  campaign_id: nullableNumber,
}

export const BoardCallSchema = Type.Object(boardMembers)

const HistoryEntry = Type.Object({
  sequence: Type.Integer(),
  at: Type.String(),
  kind: Type.String(),
  source: Type.String({ description: 'dialer, answer, webhook, poll, list or person' }),
  state: Type.String({ description: 'Of the call, after it' }),
  detail: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
})

const detailMembers = {
  ...boardMembers,
  reason: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it was not dialed yet, or how it failed',
  }),
  run_id: nullableNumber,
  number_id: nullableNumber,
  attempt: Type.Integer(),
  from_number: Type.String(),
  message: nullableText,
  voice_input: nullableText,
  due_at: Type.Union([Type.String(), Type.Null()], { description: 'While it waits: not dialed before' }),
  ended_at: nullableText,
  heard: Type.Boolean({ description: 'The message was heard to its end' }),
  playback: Type.Integer({ description: 'Seconds of the message that were heard' }),
  next_call_id: Type.Union([Type.String(), Type.Null()], {
    description: 'The call that followed because nobody was dialed by this one',
  }),
  answered_by: Type.Union([Type.String(), Type.Null()], {
    description: 'human, machine_start, machine_end_beep …; null when it was not asked, or is not known',
  }),
  pressed: Type.Union([Type.String(), Type.Null()], { description: 'The keys, each once' }),
  recording: Type.Union([
    Type.Object({
      url: Type.Union([Type.String(), Type.Null()], { description: 'Null once it was deleted' }),
      duration: Type.Integer(),
      deleted: Type.Boolean(),
    }),
    Type.Null(),
  ]),
  history: Type.Array(HistoryEntry),
}

export const CallDetailSchema = Type.Object(detailMembers)

export const NewCallAnswer = Type.Object({
  ...detailMembers,
  scheduled_for: nullableText,
  time_zone: Type.Union([Type.String(), Type.Null()], {
    description: 'In which a schedule_date without offset was read',
  }),
})

const lane = Type.Array(BoardCallSchema)
const next = Type.Object({ next: nullableText })

export const BoardSchema = Type.Object({
  success: Type.Literal(true),
  calls: Type.Object({ pending: lane, active: lane, completed: lane, failed: lane }),
  summary: Type.Object({
    total_pending: Type.Integer(),
    total_active: Type.Integer(),
    total_completed: Type.Integer(),
    total_failed: Type.Integer(),
  }),
  pagination: Type.Optional(
    Type.Object(
      { pending: next, active: next, completed: next, failed: next },
      { description: 'With limit only' },
    ),
  ),
  ignored: Type.Optional(Type.Array(Type.String(), { description: 'Parameters that filtered nothing' })),
})
