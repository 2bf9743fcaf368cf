/**
 * Requests that are answered before the framework sees them: the carrier's webhooks come by the thousand a second, and
 * routing, schemas and headers made for programs and people would cost more than the work itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '../errors.ts'
import { databaseUnavailable, isConnectionFailure } from '../db/sql.ts'
import { randomToken } from '../random.ts'
import { errorBody, type AnsweredError } from './error-body.ts'
import type { ErrorLog } from './error-reply.ts'
import { familyOf } from './families.ts'
import { securityHeaders } from './security-headers.ts'

/** Takes a request and answers it, or leaves it alone and says false. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => boolean

export type RawAnswer = { status: number; type?: string; body?: string }

/** An empty answer shows nothing that a browser could misread. */
const headersOfBodies = securityHeaders(null)

/** Answers by `answer`; whatever it throws becomes the one error body. */
export function answerRaw(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, log }: { answer: () => Promise<RawAnswer>; log: ErrorLog },
): void {
  answer().then(
    (given) => send(response, given),
    (error: unknown) => sendRawError(request, response, { error, log }),
  )
}

function send(response: ServerResponse, { status, type, body = '' }: RawAnswer): void {
  if (status === 204) {
    response.writeHead(status).end()
    return
  }
  response.writeHead(status, {
    ...headersOfBodies,
    ...(type === undefined ? {} : { 'content-type': type }),
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** The body as text, at most `limit` bytes; more is 413 and the connection is closed. */
export function readRawBody(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) {
        request.pause()
        reject(new AppError('too_large', 'body_too_large', `The body is larger than ${limit} bytes.`))
      } else chunks.push(chunk)
    })
    request.on('end', () => {
      const [only] = chunks
      resolve(chunks.length === 1 && only ? only.toString('utf8') : Buffer.concat(chunks).toString('utf8'))
    })
    request.on('error', () => {
      reject(new AppError('invalid', 'unreadable_body', 'The request ended before its body.'))
    })
  })
}

const internalError: AnsweredError = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong on our side. Quote the request id to whoever runs this server.',
  details: {},
}

function sendRawError(
  request: IncomingMessage,
  response: ServerResponse,
  { error, log }: { error: unknown; log: ErrorLog },
): void {
  if (response.destroyed || response.headersSent) return
  const requestId = randomToken(12)
  const known = isConnectionFailure(error) ? databaseUnavailable(error) : error
  if (!(known instanceof AppError)) log.error({ err: error, requestId }, 'webhook failed')
  const told = known instanceof AppError ? known : internalError
  const body = JSON.stringify(errorBody(told, familyOf(request.url ?? '/'), requestId))
  const { retryAfterSeconds } = told.details
  const headers: Record<string, string | number> = {
    ...headersOfBodies,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
  }
  if (retryAfterSeconds !== undefined) headers['retry-after'] = retryAfterSeconds
  // What was not read to its end must not be taken for the next request.
  if (!request.complete) headers.connection = 'close'
  response.writeHead(told.status, headers)
  response.end(body)
}
