import { Type, type TSchema } from '@fastify/type-provider-typebox'

/**
 * The API families that share one server. Their originals word errors differently, and programs written against
 * them read what they know; the one error body carries all of it.
 */
export type Family = {
  /** Every answer has the envelope, every error `message` and `data`. */
  envelope: boolean
  /** Field errors are repeated as `{"field": ["message"]}`. */
  fieldArrays: boolean
  /** What missing credentials are answered with. */
  unauthenticatedStatus: 401 | 403
}

const ours: Family = { envelope: false, fieldArrays: false, unauthenticatedStatus: 401 }

const familiesByPrefix: readonly [prefix: string, family: Family][] = [
  ['/api/accounts', { ...ours, envelope: true }],
  ['/api/system', { ...ours, envelope: true }],
  ['/call', { ...ours, fieldArrays: true }],
  ['/api/v1/call-requests', { ...ours, fieldArrays: true, unauthenticatedStatus: 403 }],
  ['/api/v1/heroes', { ...ours, fieldArrays: true, unauthenticatedStatus: 403 }],
]

/** The family of a path, by its beginning. */
export function familyOf(url: string): Family {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  const found = familiesByPrefix.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))
  return found ? found[1] : ours
}

/** The envelope around data that is not described further. */
export const EnvelopeSchema = Type.Object({
  status: Type.Integer(),
  success: Type.Literal(true),
  message: Type.Union([Type.String(), Type.Null()]),
  errors: Type.Array(Type.Never(), { maxItems: 0 }),
  data: Type.Unknown({ type: 'object' }),
})

export type Envelope<Data> = { status: number; success: true; message: string | null; errors: []; data: Data }

/** What the families under /api/accounts/ and /api/system/ answer with. */
export function envelope<Data>(data: Data, message: string | null = null, status = 200): Envelope<Data> {
  return { status, success: true, message, errors: [], data }
}

/** The same, as the API's description says it. */
export function envelopeOf<Data extends TSchema>(data: Data) {
  return Type.Object({
    status: Type.Integer(),
    success: Type.Literal(true),
    message: Type.Union([Type.String(), Type.Null()]),
    errors: Type.Array(Type.Unknown(), { description: 'None' }),
    data,
  })
}
