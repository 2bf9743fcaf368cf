import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { randomToken } from '../random.ts'
import { acceptBodies, bodyLimit } from './bodies.ts'
import { allowOrigins, type MayReadAnswers } from './cross-origin.ts'
import { answerErrors, answerUnroutable, type ErrorLog } from './error-reply.ts'
import { compileSchemasLazily } from './lazy-schemas.ts'
import { answerMalformed } from './malformed-requests.ts'
import type { RawHandler } from './raw-requests.ts'
import { answerUnknownRoutes } from './unknown-routes.ts'
import { addSecurityHeaders, securityHeaders } from './security-headers.ts'
import { cutOffSlowSenders, filesWithinMs } from './slow-senders.ts'
import { SchemaProblems } from './validation.ts'

/** The application, with schemas as types. Each domain's `xRoutes(app, …)` declares its routes on it. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export type ShellOptions = {
  log: ErrorLog
  /** Addresses and CIDR ranges whose forwarding headers are believed. */
  trustedProxies: readonly string[]
  publicUrl: string | null
  mayReadAnswers: MayReadAnswers
  /** Sees every request first. */
  before?: RawHandler
}

/**
 * An application without routes: bodies, errors, headers and limits that hold for every family.
 */
export async function createShell(options: ShellOptions): Promise<App> {
  const headers = securityHeaders(options.publicUrl)
  const app: App = Fastify({
    bodyLimit,
    // Headers that trickle are cut off, silence too; an upload over a slow line has ten minutes, anything else one.
    requestTimeout: filesWithinMs,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    serverFactory: (handler) => listener(handler, options.before),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    rewriteUrl: (request) => withoutDoubleSlashes(request.url ?? '/'),
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, headers),
    genReqId: (request) => saneRequestId(request.headers['x-request-id']) ?? randomToken(12),
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => answerUnroutable(error, { request, reply, headers }),
    schemaErrorFormatter: (errors, part) => new SchemaProblems(errors, part),
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (isBodyOfNothing(request.raw)) reply.header('connection', 'close')
  })
  app.decorateRequest('principal', null)
  compileSchemasLazily(app)
  answerErrors(app, options.log)
  answerUnknownRoutes(app)
  allowOrigins(app, options.mayReadAnswers)
  addSecurityHeaders(app, headers)
  await app.register(cookie)
  await acceptBodies(app)
  return app
}

/** Headers that trickle are cut off, bodies and silence too. */
function listener(handler: RequestListener, before: RawHandler | undefined): Server {
  const server = createServer(
    {
      headersTimeout: 15_000,
      // How often it is looked whether they are over: else twice a minute.
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16 * 1024,
      requestTimeout: filesWithinMs,
    },
    (request, response) => {
      if (!server.listening) response.shouldKeepAlive = false
      response.once('close', () => endWhenClosing(server))
      if (!before?.(request, response)) handler(request, response)
    },
  )
  server.keepAliveTimeout = 72_000
  server.setTimeout(60_000)
  cutOffSlowSenders(server)
  return server
}

/** Whether a body comes that no route looks at: it is not read to its end for the sake of the connection. */
function isBodyOfNothing({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > bodyLimit
}

/** A connection that was at work when the server was told to close would be kept alive by its answer, and the server by it. */
function endWhenClosing(server: Server): void {
  if (!server.listening) setImmediate(() => server.closeIdleConnections())
}

/** A client whose base address ends with a slash writes two in a row. What stands in the query stays as it is. */
function withoutDoubleSlashes(url: string): string {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  // A proxy may name the whole address.
  return path.startsWith('/') && path.includes('//')
    ? path.replace(/\/{2,}/g, '/') + url.slice(path.length)
    : url
}

function saneRequestId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[\w.:-]{1,64}$/.test(header) ? header : null
}
