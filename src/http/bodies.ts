import multipart, { type Multipart } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { coerce, coerceQuery, requireWellFormed } from './coercion.ts'
import { allowTime } from './slow-senders.ts'

/** A body of fields, in bytes. Files have limits of their own. */
export const bodyLimit = 1024 * 1024
/** The same from somebody who has not said who they are: a sign-in, a booking. A thousand of these are no burden. */
export const strangersBodyLimit = 64 * 1024
/** No route takes a larger file. */
const fileLimit = 256 * bodyLimit
const mostFields = 10_000

declare module 'fastify' {
  interface FastifyRequest {
    /** What the route's receiveFile made of each file, by the name of its field; null when the body had no parts. */
    received: ReadonlyMap<string, unknown> | null
  }
}

/**
 * Makes every route take JSON, urlencoded and multipart bodies alike, read by the route's schema. Files of a
 * multipart body go to the route's `receiveFile` as they arrive; where there is none they are read and dropped.
 */
export async function acceptBodies(app: FastifyInstance): Promise<void> {
  app.removeContentTypeParser('text/plain')
  const parseJson = app.getDefaultJsonParser('remove', 'remove')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    // Clients announce JSON on requests without a body, too.
    if (text === '') done(null, undefined)
    else parseJson(request, text.toString(), done)
  })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, text, done) => {
      try {
        done(null, fieldsOf(new URLSearchParams(text.toString())))
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
  )
  await app.register(multipart, {
    throwFileSizeLimit: true,
    limits: {
      fieldSize: bodyLimit,
      fields: mostFields,
      fileSize: fileLimit,
      files: 10,
      headerPairs: 100,
    },
  })
  app.decorateRequest('received', null)
  app.addHook('preValidation', readInput)
}

async function readInput(request: FastifyRequest): Promise<void> {
  const { allow } = request.routeOptions.config
  // They read their bodies themselves, and lose nothing of what they cannot read.
  if (allow === 'carrier' || allow === 'dialer') return
  requireWellFormed(request.params)
  requireWellFormed(request.query)
  const schema = request.routeOptions.schema
  request.query = coerceQuery(schema?.querystring, request.query)
  request.params = coerce(schema?.params, request.params)
  if (request.is404 || request.method === 'GET' || request.method === 'HEAD') return
  if (request.isMultipart()) await readMultipart(request)
  requireWellFormed(request.body)
  if (schema?.body !== undefined) request.body = coerce(schema.body, request.body ?? {})
}

/** What is too large by its own word is not begun, and what turns out to be wrong is not read any further. */
async function readMultipart(request: FastifyRequest): Promise<void> {
  const { config, bodyLimit: fieldsLimit = bodyLimit } = request.routeOptions
  const takesFiles = config.receiveFile !== undefined
  if (takesFiles) allowTime(request.raw)
  const limit = takesFiles ? fileLimit + fieldsLimit : fieldsLimit
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit)
  try {
    const reading = readParts(request, { fieldsLimit, fileSize: takesFiles ? fileLimit : fieldsLimit })
    reading.catch(() => {})
    await Promise.race([reading, beyond(request, limit)])
  } catch (error) {
    request.raw.unpipe()
    throw error
  }
}

/** Rejects when more than `limit` bytes came: a part without an end would be told of at its end only. */
function beyond({ raw }: FastifyRequest, limit: number): Promise<never> {
  return new Promise((_, reject) => {
    let bytes = 0
    raw.on('data', (piece: Buffer) => {
      if ((bytes += piece.length) > limit) reject(tooLarge(limit))
    })
  })
}

/** Reads a multipart body part by part; the order of fields and files does not matter. */
async function readParts(
  request: FastifyRequest,
  { fieldsLimit, fileSize }: { fieldsLimit: number; fileSize: number },
): Promise<void> {
  const fields: [string, unknown][] = []
  const received = new Map<string, unknown>()
  const failure: { ofRoute: unknown } = { ofRoute: null }
  try {
    let bytes = 0
    for await (const part of request.parts({ limits: { fileSize, fieldSize: fieldsLimit } })) {
      if (part.type === 'file') {
        await readFile(part, request, received).catch((error: unknown) => {
          // A body that breaks off in the middle of a file reaches the route as an error of the stream it reads.
          if (part.file.errored !== error) failure.ofRoute = error
          throw error
        })
        continue
      }
      bytes += typeof part.value === 'string' ? part.value.length : JSON.stringify(part.value ?? null).length
      if (bytes > fieldsLimit || part.valueTruncated) throw tooLarge(fieldsLimit)
      fields.push([part.fieldname, part.value])
    }
  } catch (error) {
    // The parser's own errors are plain ones: the body is not what it says it is.
    const isParsers = !(error instanceof AppError) && error !== failure.ofRoute && !hasStatus(error)
    throw isParsers ? unreadableParts(error) : error
  }
  request.received = received
  request.body = fieldsOf(fields)
}

async function readFile(
  part: FilePart,
  request: FastifyRequest,
  received: Map<string, unknown>,
): Promise<void> {
  const { receiveFile } = request.routeOptions.config
  const field = part.fieldname.replace(/\[\]$/, '')
  if (receiveFile) received.set(field, await receiveFile(incomingFile(field, part), request))
  else part.file.resume()
}

function hasStatus(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error
}

function unreadableParts(cause: unknown): AppError {
  const message =
    'The multipart body ends too early or has no valid boundary. Let your HTTP library write it.'
  return new AppError('invalid', 'unreadable_body', message, { cause })
}

type FilePart = Extract<Multipart, { type: 'file' }>

function incomingFile(field: string, part: FilePart) {
  return { field, filename: part.filename ?? '', contentType: part.mimetype, stream: part.file }
}

/** Fields as an object: a repeated key, and a key that ends in `[]`, is a list. */
function fieldsOf(pairs: Iterable<[string, unknown]>): Record<string, unknown> {
  const lists = new Map<string, { values: unknown[]; list: boolean }>()
  let count = 0
  for (const [key, value] of pairs) {
    count += 1
    if (count > mostFields) throw tooManyFields()
    const name = key.replace(/\[\]$/, '')
    if (name === '__proto__') continue
    const entry = lists.get(name) ?? { values: [], list: false }
    entry.values.push(value)
    entry.list ||= name !== key || entry.values.length > 1
    lists.set(name, entry)
  }
  return Object.fromEntries(
    [...lists].map(([name, entry]) => [name, entry.list ? entry.values : entry.values[0]]),
  )
}

function tooManyFields(): AppError {
  return new AppError(
    'too_large',
    'body_too_large',
    `The body has more than ${mostFields} fields. Send less at once.`,
  )
}

/** `limit`: bytes. */
export function tooLarge(limit: number): AppError {
  const size = limit < bodyLimit ? `${limit / 1024} KiB` : `${Math.floor(limit / bodyLimit)} MiB`
  return new AppError(
    'too_large',
    'body_too_large',
    `The body is larger than ${size}. Send a file, or less at once.`,
  )
}
