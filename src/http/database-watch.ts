import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { databaseUnavailable, type Sql } from '../db/sql.ts'

const tickMs = 100
const restTicks = 3
const silentTicks = 12

/**
 * Answers 503 within two seconds when the database does not answer: a refused connection fails by itself, but one that
 * went silent, or a pool whose every connection is taken, would keep requests waiting. A question of no consequence is
 * asked through the same pool three times a second; when it stays without an answer for 1.2 seconds, whoever waits is
 * told to come back, and so is whoever comes until it is answered. Streams and uploads (`config.slow`) may wait longer.
 *
 * Time is counted in ticks, between which answers are read: a process that was busy or stopped for a while itself must
 * not take its own absence for the database's.
 */
export function watchDatabase(app: FastifyInstance, sql: Sql): void {
  const waiting = new Map<FastifyRequest, FastifyReply>()
  let ticksSilent = 0
  let ticksRested = 0
  let asking = false
  let timer: NodeJS.Timeout | null = null

  function answered(): void {
    asking = false
    ticksSilent = 0
    ticksRested = 0
  }
  function tick(): void {
    if (asking) {
      ticksSilent += 1
      if (ticksSilent === silentTicks) releaseAll(waiting)
    } else if (++ticksRested >= restTicks) {
      asking = true
      // A failure is an answer, too: the requests get the same one.
      sql`select 1`.then(answered, answered)
    }
  }

  app.addHook('onReady', async () => {
    timer = setInterval(tick, tickMs)
    timer.unref()
  })
  app.addHook('preClose', async () => {
    if (timer !== null) clearInterval(timer)
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!needsDatabase(request)) return
    if (ticksSilent >= silentTicks) throw databaseUnavailable(new Error('The database does not answer'))
    waiting.set(request, reply)
  })
  app.addHook('onResponse', async (request) => {
    waiting.delete(request)
  })
  // A reply that was taken over gets no response hook.
  app.addHook('onRequestAbort', async (request) => {
    waiting.delete(request)
  })
}

function releaseAll(waiting: Map<FastifyRequest, FastifyReply>): void {
  for (const [request, reply] of waiting) {
    if (reply.sent) continue
    waiting.delete(request)
    reply.send(databaseUnavailable(new Error('The database does not answer')))
  }
}

/** Pages, descriptions and health have their answers at hand. */
function needsDatabase(request: FastifyRequest): boolean {
  const { allow, slow } = request.routeOptions.config
  if (request.is404 || slow === true) return false
  return allow !== 'anyone' || (request.method !== 'GET' && request.method !== 'HEAD')
}
