import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { codeOf, databaseUnavailable, isConnectionFailure } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { bodyLimit, tooLarge } from './bodies.ts'
import { errorBody, statusFor, type AnsweredError } from './error-body.ts'
import { familyOf } from './families.ts'
import { invalidInput, problemsOf, SchemaProblems } from './validation.ts'

export type ErrorLog = Pick<Log, 'error' | 'warn'>

type Headers = Readonly<Record<string, string>>

const slowAnswerMs = 2_000

/**
 * Answers whatever a route throws with the one error body. An AppError is an answer; anything else is a bug, and is
 * logged once with its cause while the caller learns only the request id.
 */
export function answerErrors(app: FastifyInstance, log: ErrorLog): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = toAppError(error, request)
    if (answer === null) {
      log.error(
        { err: error, requestId: request.id, method: request.method, route: request.routeOptions.url },
        'request failed',
      )
      sendError(request, reply, internalError)
    } else {
      if (answer.status >= 500) {
        log.warn(
          { err: error, requestId: request.id, code: answer.code, route: request.routeOptions.url },
          'request refused',
        )
      }
      sendError(request, reply, answer)
    }
  })
  app.addHook('onResponse', async (request, reply) => {
    if (reply.elapsedTime < slowAnswerMs || request.routeOptions.config.slow === true) return
    log.warn(
      { requestId: request.id, route: request.routeOptions.url, ms: Math.round(reply.elapsedTime) },
      'slow answer',
    )
  })
}

/**
 * Answers a request whose path no router reads: it reaches no route and none of the hooks, so `headers` are set here.
 */
export function answerUnroutable(
  error: unknown,
  { request, reply, headers }: { request: FastifyRequest; reply: FastifyReply; headers: Headers },
): void {
  reply.headers({ ...headers, 'x-request-id': request.id })
  sendError(request, reply, toAppError(error, request) ?? internalError)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers may take long: streams and uploads. */
    slow?: boolean
  }
}

/** Writes one error. A 4xx tells its headers (Allow, Retry-After); every answer tells how to sign in where it matters. */
function sendError(request: FastifyRequest, reply: FastifyReply, error: AnsweredError): void {
  const family = familyOf(request.url)
  const status = statusFor(error, family)
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (error.details.retryAfterSeconds !== undefined) {
    reply.header('retry-after', Math.max(1, Math.ceil(error.details.retryAfterSeconds)))
  }
  if (error.details.headers) reply.headers(error.details.headers)
  if (hasMuchToCome(request)) reply.header('connection', 'close')
  // As text, past the route's own schema, which would cut the members of an error.
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error, family, request.id)))
}

/** Whether most of its body was not read. A refusal is not the beginning of reading a gigabyte for nothing. */
function hasMuchToCome({ raw, headers }: FastifyRequest): boolean {
  return (
    !raw.complete &&
    (headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > bodyLimit)
  )
}

const internalError: AnsweredError = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong on our side. Quote the request id to whoever runs this server.',
  details: {},
}

/** The answer that an error stands for; null when it stands for none. */
function toAppError(error: unknown, request: FastifyRequest): AppError | null {
  if (error instanceof AppError) return error
  if (error instanceof SchemaProblems) return schemaProblems(error, request)
  if (isConnectionFailure(error)) return databaseUnavailable(error)
  const code = codeOf(error)
  // Canceled by a time limit, and a lock that was not to be had.
  if (code === '57014' || code === '55P03') {
    return new AppError('unavailable', 'database_busy', 'The database took too long to answer. Try again.', {
      retryAfterSeconds: 2,
      cause: error,
    })
  }
  return code.startsWith('FST_') || statusOfForeign(error) !== null
    ? frameworkError(error, { code, limit: request.routeOptions.bodyLimit ?? bodyLimit })
    : null
}

function schemaProblems(error: SchemaProblems, request: FastifyRequest): AppError {
  // An id that is none names nothing: the same answer as an id that does not exist.
  if (error.part === 'params') return new AppError('not_found', 'not_found', 'Not found.')
  const input = error.part === 'querystring' ? request.query : request.body
  return invalidInput(problemsOf(error.found, input))
}

function frameworkError(error: unknown, { code, limit }: { code: string; limit: number }): AppError | null {
  const status = statusOfForeign(error)
  // Longer than every id: it names nothing.
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return new AppError('not_found', 'not_found', 'Not found.')
  if (status === 413) return tooLarge(limit)
  if (status === 415) {
    return new AppError(
      'unsupported_media',
      'unsupported_media_type',
      'This Content-Type is not known here. Send application/json, application/x-www-form-urlencoded or multipart/form-data.',
    )
  }
  if (status !== null && status >= 400 && status < 500) {
    return new AppError('invalid', 'unreadable_body', `The request could not be read${wordsFor(code)}.`, {
      cause: error,
    })
  }
  return null
}

function wordsFor(code: string): string {
  if (code === 'FST_ERR_BAD_URL') return ': its path is not a valid URL'
  return ': its body is not what its Content-Type says'
}

function statusOfForeign(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null
}
