/** What is asked for and answered about codes, as the routes validate and the API's description says it. */
import { Type } from '@fastify/type-provider-typebox'
import { envelopeOf } from '../http/families.ts'

const text = Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()]))
const number = Type.Union([Type.String({ maxLength: 60 }), Type.Integer()])
const code = Type.Union([Type.String({ maxLength: 60 }), Type.Integer()])
const nullableText = Type.Union([Type.String(), Type.Null()])

export const SendSchema = Type.Object({
  number,
  message: Type.String({ maxLength: 10_000, description: 'With {otp} where the code stands' }),
  sms_send_options: Type.Optional(
    Type.Union([Type.String({ maxLength: 200 }), Type.Null()], { description: 'text or voice' }),
  ),
  sms_send_option: text,
  otp_options: Type.Optional(
    Type.Union([Type.String({ maxLength: 200 }), Type.Null()], { description: 'generated or personnel' }),
  ),
  otp: Type.Optional(Type.Union([code, Type.Null()])),
  otp_length: Type.Optional(Type.Union([Type.Integer(), Type.String({ maxLength: 20 }), Type.Null()])),
})

export const SentSchema = envelopeOf(
  Type.Object({
    details: Type.Object({
      number: Type.Union([Type.String(), Type.Integer()], { description: 'As it was given' }),
      otp_options: Type.String(),
      message: Type.String({ description: 'As it is written; with {otp} when the workspace hides codes' }),
      otp: Type.Union([Type.String(), Type.Null()], { description: 'Null when the workspace hides codes' }),
      sms_send_options: Type.String(),
      otp_id: Type.String({ format: 'uuid' }),
      expires_at: Type.String(),
    }),
  }),
)

export const VerifySchema = Type.Object({
  number: Type.Optional(number),
  otp_id: Type.Optional(Type.String({ maxLength: 60 })),
  otp: code,
})

export const VerdictSchema = envelopeOf(
  Type.Object({ verified: Type.Boolean(), attempts_left: Type.Integer() }),
)

export const LogSchema = envelopeOf(
  Type.Object({
    otp_lists: Type.Array(
      Type.Object({
        otp_id: Type.String({ format: 'uuid' }),
        purpose: Type.String({ description: 'program, or phone: it proves that a phone is somebody’s' }),
        number: Type.String({ description: 'Masked' }),
        otp_options: Type.String(),
        sms_send_options: Type.String(),
        message: Type.String({ description: 'With {otp} where the code stood' }),
        status: Type.String({ description: 'live, verified, failed, expired or replaced' }),
        delivery: Type.Union([Type.String(), Type.Null()], {
          description: 'The state of its last text or call',
        }),
        reason: nullableText,
        sends: Type.Integer(),
        attempts: Type.Integer(),
        created: Type.String(),
        sent: Type.String(),
        expires_at: Type.String(),
      }),
    ),
    pagination: Type.Unknown(),
  }),
)
