import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

/** Answers what no route does: 404, 405 with Allow, and OPTIONS, also as the preflight of an allowed origin. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const patterns: { steps: readonly string[]; methods: Set<string> }[] = []
  app.addHook('onRoute', (route) => {
    const steps = stepsOf(route.url)
    // The console's pages are everywhere and make no address exist.
    if (steps[0] === '*') return
    const known = patterns.find((pattern) => pattern.steps.join('/') === steps.join('/'))
    const methods = known?.methods ?? new Set(['OPTIONS'])
    for (const method of [route.method].flat()) methods.add(method)
    if (!known) patterns.push({ steps, methods })
  })

  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(patterns, request.url)
    if (methods.length === 0) throw new AppError('not_found', 'not_found', 'Not found.')
    if (request.method === 'OPTIONS') return answerOptions(request, reply, methods)
    const allow = methods.join(', ')
    throw new AppError(
      'method_not_allowed',
      'method_not_allowed',
      `Method "${request.method}" not allowed.`,
      {
        headers: { allow },
      },
    )
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

function methodsAt(
  patterns: readonly { steps: readonly string[]; methods: ReadonlySet<string> }[],
  url: string,
): string[] {
  const steps = stepsOf(url.split(/[?#]/, 1)[0] ?? '')
  const matching = patterns.filter((pattern) => matches(pattern.steps, steps))
  // `/call/today/` is an address of its own, although it looks like `/call/:id/` too.
  const itself = matching.filter((pattern) => pattern.steps.join('/') === steps.join('/'))
  const methods = new Set<string>()
  for (const pattern of itself.length > 0 ? itself : matching) {
    for (const method of pattern.methods) methods.add(method)
  }
  return [...methods].sort()
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
