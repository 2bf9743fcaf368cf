import swagger from '@fastify/swagger'
import { Type } from '@fastify/type-provider-typebox'
import type { RouteOptions } from 'fastify'
import type { App } from './app-shell.ts'
import { EnvelopeSchema, familyOf } from './families.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What this route answers when all is well, for its description, where its schema does not say so; 200. */
    success?: number | readonly number[]
    /** Answers without the envelope of its family. */
    bare?: boolean
    /** Refusals of this route beside those that its form implies, for its description. */
    refusals?: readonly number[]
  }
}

/** Collects the schemas of every route registered after it into an OpenAPI 3.1 description, at /openapi.json. */
export async function describeApi(app: App, publicUrl: string | null): Promise<void> {
  app.addSchema(ErrorAnswer)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trunkline',
        version: '0.1.0',
        description: 'Everything a business does by phone. Errors have one form: see /docs/errors/<code>.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token from /api/token/, or an API key that begins with tk_.',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: ({ schema, url, route }) => {
      const refusals = refusalsOf(route).map((status) => [
        status,
        refusalAnswers[status] ?? refused('Refused'),
      ])
      const answers = schema?.response ?? successOf(route)
      return { schema: { ...schema, response: { ...Object.fromEntries(refusals), ...answers } }, url }
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema['$id'] ?? `Schema${index}`),
    },
  })
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { allow: 'anyone' },
    schema: { hide: true },
    handler: async () => app.swagger(),
  })
}

const nullable = <Of extends ReturnType<typeof Type.String>>(of: Of) => Type.Union([of, Type.Null()])

/** The one error body. Some families repeat their field errors beside it. */
const ErrorAnswer = Type.Object(
  {
    error: Type.String({ description: 'The value that was wrong, and the way out' }),
    detail: Type.String({ description: 'The same sentence' }),
    success: Type.Literal(false),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; explained at /docs/errors/<code>' }),
    type: Type.String(),
    title: Type.String(),
    param: nullable(Type.String()),
    errors: Type.Array(Type.Object({ param: Type.String(), code: Type.String(), message: Type.String() })),
    request_id: Type.String(),
  },
  { $id: 'Error' },
)

function refused(description: string): object {
  return { description, content: { 'application/json': { schema: { $ref: 'Error#' } } } }
}

const refusalAnswers: Readonly<Record<number, object>> = {
  400: refused('The request is not as described'),
  401: refused('Nobody is signed in, or the credentials are wrong'),
  403: refused('The role or the key may not do this'),
  404: refused('There is no such thing in the workspace'),
  409: refused('It does not fit the state that things are in, or its Idempotency-Key is still in use'),
  413: refused('The body is too large'),
  415: refused('The content type is not known'),
  422: refused('The Idempotency-Key came with another request before'),
  429: refused('Too many; Retry-After says when to come back'),
  431: refused('The address and the headers together are larger than 16 KiB'),
  503: refused('Overloaded, or the database or the carrier is away; Retry-After says when to come back'),
}

/** The answer of a route whose schema names none. */
function successOf({ url, config, schema }: RouteOptions): object {
  const statuses = [config?.success ?? 200].flat()
  const produces: unknown = Reflect.get(schema ?? {}, 'produces')
  const hasEnvelope = familyOf(url).envelope && produces === undefined && config?.bare !== true
  const done = hasEnvelope ? EnvelopeSchema : { description: 'Done' }
  return Object.fromEntries(
    statuses.map((status) => [status, status === 204 ? { description: 'Done', type: 'null' } : done]),
  )
}

/** What a route can be refused with: what follows from its form, and what it says itself. */
function refusalsOf(route: RouteOptions): number[] {
  const { allow, refusals = [] } = route.config ?? {}
  const { params, querystring } = route.schema ?? {}
  const writes = route.method !== 'GET'
  const paged = typeof querystring === 'object' && querystring !== null && hasPages(querystring)
  const statuses = [
    400,
    ...(allow === 'anyone' ? [] : [familyOf(route.url).unauthenticatedStatus, 403]),
    ...(params !== undefined || paged ? [404] : []),
    ...(writes ? [413, 415] : []),
    ...(writes && allow !== 'anyone' ? [409, 422] : []),
    ...refusals,
    431,
    503,
  ]
  return [...new Set(statuses)].sort((a, b) => a - b)
}

function hasPages(querystring: object): boolean {
  const properties: unknown = Reflect.get(querystring, 'properties')
  return typeof properties === 'object' && properties !== null && 'page' in properties
}
