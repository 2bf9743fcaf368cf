/** What the API's description says about texts. */
import { Type } from '@fastify/type-provider-typebox'

const nullableText = Type.Union([Type.String(), Type.Null()])

const members = {
  message_id: Type.String({ format: 'uuid' }),
  message_sid: Type.Union([Type.String(), Type.Null()], { description: 'The id the carrier gave it' }),
  to_number: Type.String({ description: 'E.164' }),
  from_number: Type.String({ description: 'E.164' }),
  body: Type.String({
    description: 'As it is sent; of a code its template, because the code is stored nowhere',
  }),
  segments: Type.Integer(),
  encoding: Type.String({ description: 'GSM-7 or UCS-2' }),
  status: Type.String({
    description: 'queued, sending, sent, delivered, undelivered, failed or canceled',
  }),
  state: Type.String({ description: 'The precise word behind the status' }),
  reason: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it was not sent yet, or did not arrive',
  }),
  kind: Type.String({ description: 'single, campaign, reply, otp or reminder' }),
  lane: Type.String({ description: 'otp, reminder, single or bulk: who goes first' }),
  campaign_id: Type.Union([Type.Integer(), Type.Null()]),
  created_at: Type.String(),
  sent_at: nullableText,
  ended_at: nullableText,
}

export const MessageSchema = Type.Object(members)

export const MessageDetailSchema = Type.Object({
  ...members,
  run_id: Type.Union([Type.Integer(), Type.Null()]),
  number_id: Type.Union([Type.Integer(), Type.Null()]),
  attempt: Type.Integer(),
  due_at: Type.Union([Type.String(), Type.Null()], { description: 'While it waits: not sent before' }),
  expires_at: nullableText,
  next_message_id: Type.Union([Type.String(), Type.Null()], {
    description: 'The text that followed because nothing was sent by this one',
  }),
  history: Type.Array(
    Type.Object({
      sequence: Type.Integer(),
      at: Type.String(),
      kind: Type.String(),
      source: Type.String({ description: 'dialer, answer, webhook, poll, list or person' }),
      state: Type.String({ description: 'Of the text, after it' }),
      detail: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    }),
  ),
})

export const ReceivedSchema = Type.Object({
  message_id: Type.String({ format: 'uuid' }),
  message_sid: Type.String(),
  from_number: Type.String(),
  to_number: Type.String(),
  body: Type.String(),
  word: Type.Union([Type.String(), Type.Null()], { description: 'stop, start or help, when it said so' }),
  received_at: Type.String(),
})
