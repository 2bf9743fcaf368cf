import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

/** Answers what no route does: 404, 405 with Allow, and OPTIONS, also as the preflight of an allowed origin. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const patterns: Patterns = new Map()
  app.addHook('onRoute', (route) => {
    const steps = stepsOf(route.url)
    // The console's pages are everywhere and make no address exist.
    if (steps[0] === '*') return
    const { methods } = patterns.get(steps.join('/')) ?? { methods: new Set(['OPTIONS']) }
    for (const method of [route.method].flat()) methods.add(method)
    patterns.set(steps.join('/'), { steps, methods })
  })

  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(patterns, request.url)
    if (methods.length === 0) throw new AppError('not_found', 'not_found', 'Not found.')
    if (request.method === 'OPTIONS') return answerOptions(request, reply, methods)
    throw methodNotAllowed(request.method, methods)
  })

  // `DELETE /call/today/` is routed to `/call/:id/`, as if today were the id of a plan.
  app.addHook('onRequest', async ({ method, url, routeOptions }) => {
    if (routeOptions.url?.includes('/:') !== true) return
    const itself = patterns.get(stepsOfUrl(url).join('/'))
    if (itself !== undefined && !itself.methods.has(method))
      throw methodNotAllowed(method, [...itself.methods].sort())
  })
}

function methodNotAllowed(method: string, methods: readonly string[]): AppError {
  return new AppError('method_not_allowed', 'method_not_allowed', `Method "${method}" not allowed.`, {
    headers: { allow: methods.join(', ') },
  })
}

function answerOptions(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: readonly string[],
): FastifyReply {
  reply.code(204).header('allow', methods.join(', '))
  if (reply.hasHeader('access-control-allow-origin') && request.headers['access-control-request-method']) {
    reply.headers({
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, x-dialer-api-key, x-request-id',
      'access-control-max-age': '600',
    })
  }
  return reply.send()
}

/** By their steps in one text. */
type Patterns = Map<string, { steps: readonly string[]; methods: Set<string> }>

function methodsAt(patterns: Patterns, url: string): string[] {
  const steps = stepsOfUrl(url)
  // `/call/today/` is an address of its own, although it looks like `/call/:id/` too.
  const itself = patterns.get(steps.join('/'))
  const methods = new Set<string>()
  for (const pattern of itself === undefined ? patterns.values() : [itself]) {
    if (!matches(pattern.steps, steps)) continue
    for (const method of pattern.methods) methods.add(method)
  }
  return [...methods].sort()
}

function stepsOfUrl(url: string): string[] {
  return stepsOf(url.split(/[?#]/, 1)[0] ?? '')
}

function stepsOf(path: string): string[] {
  return path.split('/').filter((step) => step !== '')
}

function matches(pattern: readonly string[], steps: readonly string[]): boolean {
  if (pattern.at(-1) === '*')
    return steps.length >= pattern.length - 1 && startsAlike(pattern.slice(0, -1), steps)
  return pattern.length === steps.length && startsAlike(pattern, steps)
}

function startsAlike(pattern: readonly string[], steps: readonly string[]): boolean {
  return pattern.every((step, index) => step.startsWith(':') || step === steps[index])
}
