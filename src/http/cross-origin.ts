import type { FastifyInstance } from 'fastify'

/** Whether pages of an origin may read answers of a workspace; null = of any. Asked for every request that has one. */
export type MayReadAnswers = (origin: string, workspaceId: number | null) => Promise<boolean>

/**
 * Lets pages of other origins read answers, where a workspace allows them: the preflight is answered for an origin that
 * any workspace lists, the answer itself carries the permission only for a workspace that does. Never with the
 * console's cookie, which other origins cannot make a browser send along.
 */
export function allowOrigins(app: FastifyInstance, mayReadAnswers: MayReadAnswers): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || origin.length > 300 || !(await mayReadAnswers(origin, null))) return
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'retry-after, idempotent-replayed, x-request-id, link, location',
      vary: 'Origin',
    })
  })

  app.addHook('preHandler', async (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || request.principal === null) return
    if (await mayReadAnswers(origin, request.principal.workspaceId)) return
    reply.removeHeader('access-control-allow-origin')
  })
}
