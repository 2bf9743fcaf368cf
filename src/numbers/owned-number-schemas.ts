/** What the API's description says about phone numbers. */
import { Type } from '@fastify/type-provider-typebox'
import { envelopeOf } from '../http/families.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])

const PhoneNumberSchema = Type.Object({
  phone_number: Type.String({ description: 'E.164' }),
  rate: Type.Number({ description: 'Credits a month' }),
  available_capabilities: Type.String({ description: 'Like Voice, SMS' }),
  capabilities: Type.Object({
    voice: Type.Boolean(),
    sms: Type.Boolean(),
    mms: Type.Boolean(),
    fax: Type.Boolean(),
  }),
  phone_number_sid: Type.String({ description: 'The same before, during and after it is owned' }),
  phone_sid: Type.String(),
  friendly_name: Type.String(),
  accept_incoming: Type.String(),
  configure_with: Type.String(),
  call_comes_in: Type.String(),
  call_url: Type.String(),
  http_request: Type.String(),
  country: nullableText,
  status: Type.String({ description: 'available, buying, pending, owned or releasing' }),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it was not bought, or not released' }),
})

export const OwnedSchema = envelopeOf(Type.Object({ owned_numbers: Type.Array(PhoneNumberSchema) }))
export const OfferedSchema = envelopeOf(
  Type.Object({ number_lists: Type.Array(PhoneNumberSchema), country: Type.String() }),
)
export const NumberSchema = envelopeOf(Type.Object({ number_details: PhoneNumberSchema }))
export const ReleasedSchema = envelopeOf(
  Type.Object({ phone_number: Type.String(), phone_sid: Type.String() }),
)
