import { createHash, createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { transaction, type Queryable, type Sql, type Tx } from '../db/sql.ts'
import { AppError, type ErrorDetails, type ErrorKind } from '../errors.ts'
import { isRecord } from './coercion.ts'
import { principalOf } from './principal.ts'

/** What a route answers when it went well. `body` must be JSON: it is stored when the request named a key. */
export type Answer<Body> = { status: number; body: Body }

const longestKey = 255
const keptMs = 24 * 60 * 60 * 1000

declare module 'fastify' {
  interface FastifyInstance {
    /** Bodies are remembered as keyed hashes: they may hold passwords. */
    fingerprintKey: Buffer
  }
}

export function rememberFingerprintKey(app: FastifyInstance, key: Buffer): void {
  app.decorate('fingerprintKey', key)
}

/**
 * Runs `effect` in a transaction, sets the status and returns the body for the handler to return. With an
 * `Idempotency-Key` the key, the effect and the answer commit together, and the same request gets the first answer
 * again for 24 hours, with `Idempotent-Replayed: true`, instead of a second effect. A refusal (an AppError below 500,
 * but never 429) is kept like any other outcome. What must not be stored (a secret shown once) is added to the
 * returned body by the caller, in both cases.
 *
 * Throws `idempotency_in_progress` (409) at once while the first is still running, `idempotency_mismatch` (422) when
 * the key was used with another body, `idempotency_key_too_long` (400). Files count as what their `digest` says, when
 * what the route's receiveFile returned has one.
 */
export async function idempotent<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  sql: Sql,
  effect: (tx: Tx) => Promise<Answer<Body>>,
): Promise<Body> {
  const key = keyOf(request)
  const outcome =
    key === null
      ? { replayed: false, stored: await transaction(sql, effect) }
      : await transaction(sql, (tx) => runOnce(tx, placeOf(request, key), effect))
  if (outcome.replayed) reply.header('idempotent-replayed', 'true')
  if ('error' in outcome.stored) throw outcome.stored.error
  reply.code(outcome.stored.status)
  return outcome.stored.body
}

/**
 * For a route that must act outside between two transactions: the answer that is kept for this request, sent again; null
 * when there is none. Throws a kept refusal.
 */
export async function replayed<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  sql: Sql,
): Promise<Body | null> {
  const key = keyOf(request)
  const stored = key === null ? null : await findKept<Body>(sql, placeOf(request, key))
  if (stored === null) return null
  reply.header('idempotent-replayed', 'true')
  if ('error' in stored) throw stored.error
  reply.code(stored.status)
  return stored.body
}

/** Names a request that has an Idempotency-Key, so that what it began is known as its own when it comes again. */
export function requestName(request: FastifyRequest): Buffer | null {
  const key = keyOf(request)
  if (key === null) return null
  const { workspaceId, principal, route } = placeOf(request, key)
  return createHash('sha256').update(`${workspaceId}\n${principal}\n${route}\n${key}`).digest()
}

type Stored<Body> = Answer<Body> | { error: AppError }
type Place = { workspaceId: number; principal: string; route: string; key: string; fingerprint: Buffer }

async function runOnce<Body>(
  tx: Tx,
  place: Place,
  effect: (tx: Tx) => Promise<Answer<Body>>,
): Promise<{ replayed: boolean; stored: Stored<Body> }> {
  await requireTurn(tx, place)
  const known = await findKept<Body>(tx, place)
  if (known !== null) return { replayed: true, stored: known }

  const stored = await attempt(tx, effect)
  await keep(tx, place, stored)
  return { replayed: false, stored }
}

/** The row of a running request is not visible yet, and waiting for it could take long: a lock that answers at once. */
async function requireTurn(tx: Tx, place: Place): Promise<void> {
  const text = `${place.workspaceId}\n${place.principal}\n${place.route}\n${place.key}`
  const lock = createHash('sha256').update(text).digest().readBigInt64BE().toString()
  const [row] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${lock}::text::bigint) as mine`
  if (row?.mine === true) return
  throw new AppError(
    'conflict',
    'idempotency_in_progress',
    'A request with this Idempotency-Key is still running. Repeat it in a moment to get its answer.',
    { retryAfterSeconds: 1 },
  )
}

async function findKept<Body>(tx: Queryable, place: Place): Promise<Stored<Body> | null> {
  const [row] = await tx<{ fingerprint: Buffer; status: number; answer: string; is_old: boolean }[]>`
    select fingerprint, status, answer, created_at < clock_timestamp() - make_interval(secs => ${keptMs / 1000}) as is_old
      from idempotency_keys
     where workspace_id = ${place.workspaceId} and principal = ${place.principal}
       and route = ${place.route} and key = ${place.key}`
  if (!row || row.is_old) return null
  if (!row.fingerprint.equals(place.fingerprint)) {
    throw new AppError(
      'unprocessable',
      'idempotency_mismatch',
      'This Idempotency-Key was used with another body. Use a new key for a new request.',
    )
  }
  return fromText<Body>(row.status, row.answer)
}

/** A refusal undoes what the effect wrote, and is an outcome like any other. */
async function attempt<Body>(tx: Tx, effect: (tx: Tx) => Promise<Answer<Body>>): Promise<Stored<Body>> {
  try {
    const box = await tx.savepoint(async (savepoint) => ({ answer: await effect(savepoint) }))
    return box.answer
  } catch (error) {
    if (error instanceof AppError && error.status < 500 && error.kind !== 'too_many') return { error }
    throw error
  }
}

async function keep<Body>(tx: Tx, place: Place, stored: Stored<Body>): Promise<void> {
  const status = 'error' in stored ? stored.error.status : stored.status
  await tx`
    insert into idempotency_keys (workspace_id, principal, route, key, fingerprint, status, answer, created_at)
    values (${place.workspaceId}, ${place.principal}, ${place.route}, ${place.key}, ${place.fingerprint}, ${status},
      ${toText(stored)}, clock_timestamp())
    on conflict (workspace_id, principal, route, key) do update
       set fingerprint = excluded.fingerprint, status = excluded.status, answer = excluded.answer,
           created_at = excluded.created_at`
}

function toText<Body>(stored: Stored<Body>): string {
  if (!('error' in stored)) return JSON.stringify({ body: stored.body })
  const { kind, code, message, details } = stored.error
  return JSON.stringify({ error: { kind, code, message, details } })
}

/** Only `toText` writes what is read here. */
function fromText<Body>(status: number, text: string): Stored<Body> {
  const kept = JSON.parse(text) as
    { body: Body } | { error: { kind: ErrorKind; code: string; message: string; details: ErrorDetails } }
  if (!('error' in kept)) return { status, body: kept.body }
  const { kind, code, message, details } = kept.error
  return { error: new AppError(kind, code, message, details) }
}

function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key']
  const key = Array.isArray(header) ? header.join(',') : header
  if (key === undefined || key === '') return null
  if (key.length <= longestKey) return key
  throw new AppError(
    'invalid',
    'idempotency_key_too_long',
    'An Idempotency-Key has at most 255 characters.',
    {
      param: 'Idempotency-Key',
    },
  )
}

function placeOf(request: FastifyRequest, key: string): Place {
  const principal = principalOf(request)
  const path = request.url.split('?', 1)[0]?.replace(/\/$/, '') ?? ''
  const files = [...(request.received ?? [])].map(([name, value]) => [
    name,
    isRecord(value) ? value['digest'] : null,
  ])
  const text = `${request.method} ${path}\n${canonical(request.query)}\n${canonical(request.body)}\n${canonical(files)}`
  return {
    workspaceId: principal.workspaceId,
    principal: principal.keyId ?? principal.userId ?? '',
    route: `${request.method} ${request.routeOptions.url ?? ''}`,
    key,
    fingerprint: createHmac('sha256', request.server.fingerprintKey).update(text).digest(),
  }
}

/** JSON whose members are in one order, so that the same body is the same text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
}
