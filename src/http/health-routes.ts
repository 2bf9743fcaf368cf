import type { FastifyRequest } from 'fastify'
import { timingSafeEqual } from 'node:crypto'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { isLoopbackHost } from '../config-values.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from './app-shell.ts'
import { deriveKey } from './derived-key.ts'

/** What a loop says about itself: null = it runs, else what is wrong, in words. */
export type LoopState = {
  name: string
  problem: string | null
  /** What an operator has to know although everything runs. */
  note?: string
}

export type HealthDeps = {
  sql: Sql
  /** The loops of this process; none when it only answers requests. */
  loops: () => readonly LoopState[]
  metrics: Registry
  /** Reads metrics from anywhere, as a Bearer token. */
  metricsToken: string
  publicUrl: string | null
}

const databaseDeadlineMs = 1_500

/** A registry with the figures of the process; each part adds its own. */
export function createMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** What an operator's tools ask. */
export async function healthRoutes(app: App, deps: HealthDeps): Promise<void> {
  const config = { allow: 'anyone' } as const
  const schema = { hide: true }

  app.route({ method: 'GET', url: '/healthz', config, schema, handler: async () => ({ status: 'up' }) })

  app.route({
    method: 'GET',
    url: '/readyz',
    config,
    schema,
    handler: async (_request, reply) => {
      const database = (await answersInTime(deps.sql)) ? null : 'The database does not answer.'
      const parts: LoopState[] = [{ name: 'database', problem: database }, ...deps.loops()]
      const ready = parts.every((part) => part.problem === null)
      reply.code(ready ? 200 : 503)
      if (!ready) reply.header('retry-after', 2)
      return { status: ready ? 'ready' : 'not ready', parts }
    },
  })

  app.route({
    method: 'GET',
    url: '/metrics',
    config,
    schema,
    handler: async (request, reply) => {
      if (!isLocalOnly(request, deps.publicUrl) && !hasToken(request, deps.metricsToken)) {
        throw new AppError(
          'unauthenticated',
          'not_authenticated',
          'Metrics need their token here. Print it with: npx trunkline metrics-token',
        )
      }
      return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics())
    },
  })
}

async function answersInTime(sql: Sql): Promise<boolean> {
  const query = sql`select 1`
  let timer: NodeJS.Timeout | null = null
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), databaseDeadlineMs)
  })
  const answered = query.then(
    () => true,
    () => false,
  )
  const answer = await Promise.race([answered, tooLate])
  if (timer !== null) clearTimeout(timer)
  return answer
}

/**
 * True when nobody but this machine can have sent the request: it came to a loopback address, the server is not told
 * to be public, and no proxy says that it forwards for somebody.
 */
function isLocalOnly(request: FastifyRequest, publicUrl: string | null): boolean {
  const local = request.socket.localAddress ?? '127.0.0.1'
  if (!isLoopbackHost(local.replace(/^::ffff:/, ''))) return false
  if (publicUrl !== null && !isLoopbackHost(new URL(publicUrl).hostname)) return false
  return !Object.keys(request.headers).some(
    (name) => name === 'forwarded' || name.startsWith('x-forwarded-') || name === 'via',
  )
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization?.replace(/^bearer\s+/i, '') ?? '')
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** What /metrics asks for where others could read it, too. Derived, so that every server of an installation knows it. */
export function metricsToken(secretKey: string): string {
  return deriveKey(secretKey, 'metrics token').toString('base64url')
}
