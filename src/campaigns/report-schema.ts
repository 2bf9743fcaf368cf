/** What the report of a campaign says, as the description of the API tells it. */
import { Type } from '@fastify/type-provider-typebox'
import { envelopeOf } from '../http/families.ts'
import { numberStatuses, statusWord } from './campaign.ts'

const count = Type.Integer({ minimum: 0 })
const share = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
  description: 'Of those that are over; null when none is',
})
const instant = Type.String({ description: 'UTC' })
const nullable = <Of extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(of: Of) =>
  Type.Union([of, Type.Null()])
const credits = Type.Object({ used: count, held: count })
const seconds = { total: count, average: nullable(Type.Number()), median: nullable(Type.Number()) }

const Numbers = Type.Object({
  total: count,
  by_status: Type.Object(
    Object.fromEntries(numberStatuses.map((status) => [statusWord(status), count] as const)),
  ),
  reasons: Type.Array(Type.Object({ status: Type.String(), reason: nullable(Type.String()), count })),
  attempts: Type.Array(Type.Object({ attempts: count, count })),
})

const Run = Type.Object({
  run_id: Type.Integer(),
  ordinal: Type.Integer({ description: '1 is the first begin of the campaign' }),
  status: Type.String(),
  message: Type.String(),
  started: nullable(instant),
  ended: nullable(instant),
  credits,
})

const outcomes = 'total open answered completed hungup machine no_answer busy failed canceled'.split(' ')
const textOutcomes = 'total open delivered undelivered failed canceled unconfirmed segments'.split(' ')
const counts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, count] as const))

const BurnUp = Type.Union(
  [
    Type.Object({
      run_id: Type.Integer(),
      from: Type.String({ description: 'When that run began, UTC' }),
      step_seconds: Type.Integer({ minimum: 1, description: 'The time from one value to the next' }),
      done: Type.Array(count, {
        description:
          'How many of its numbers were over after so many steps: done[0] is 0, at the begin, and the last value is where the run ended, or stands now',
      }),
    }),
    Type.Null(),
  ],
  { description: 'How the run that was asked for, else the newest, came along; null when it has not begun' },
)

export const ReportSchema = envelopeOf(
  Type.Object({
    details: Type.Object({
      campaign: Type.Object({
        id: Type.Integer(),
        name: Type.String(),
        services: Type.String(),
        status: Type.String(),
      }),
      run_id: Type.Union([Type.Integer(), Type.Null()], { description: 'null: all runs together' }),
      runs: Type.Array(Run, { description: 'Newest first' }),
      numbers: Numbers,
      calls: Type.Optional(Type.Object({ ...counts(outcomes), answer_rate: share })),
      texts: Type.Optional(Type.Object({ ...counts(textOutcomes), delivery_rate: share })),
      durations: Type.Optional(
        Type.Object(
          { ...seconds, p90: nullable(Type.Number()), longest: nullable(Type.Number()) },
          { description: 'Seconds talked, of calls that were answered' },
        ),
      ),
      playback: Type.Optional(
        Type.Object(
          { ...seconds, p90: nullable(Type.Number()) },
          { description: 'Seconds of the message that were heard' },
        ),
      ),
      listening: Type.Optional(
        Type.Object({
          answered: count,
          heard_to_end: count,
          still: Type.Array(count, { description: 'How many still listened at each second of the message' }),
        }),
      ),
      keys: Type.Optional(
        Type.Array(
          Type.Object({ key: Type.String(), calls: count }, { description: 'Calls in which it was pressed' }),
        ),
      ),
      credits,
      callers: Type.Array(
        Type.Object({
          number: Type.String(),
          calls: count,
          answered: count,
          answer_rate: share,
          average_duration: nullable(Type.Number()),
        }),
      ),
      by_hour: Type.Array(Type.Object({ hour: instant, calls: count, answered: count })),
      burn_up: BurnUp,
    }),
  }),
)
