import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { instantText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import type { AccountDeps } from './account-deps.ts'
import {
  createAgent,
  findAgent,
  listAgents,
  updateAgent,
  type Agent,
  type AgentChange,
} from './agent-store.ts'

const name = Type.String({ minLength: 1, maxLength: 150 })
const user = Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
  description: 'A person of the workspace',
})
const voice = Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()])
const NewAgent = Type.Object({ name, user: Type.Optional(user), voice: Type.Optional(voice) })
const AgentPatch = Type.Object({
  name: Type.Optional(name),
  user: Type.Optional(user),
  voice: Type.Optional(voice),
})
const AgentWire = Type.Object({ id: Type.String(), name: Type.String(), user, voice, created: Type.String() })
const Id = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** Whom a call can belong to. */
export async function agentRoutes(app: App, deps: AccountDeps): Promise<void> {
  const { sql, clock } = deps
  const tags = ['agents']

  app.route({
    method: 'GET',
    url: '/api/agents/',
    config: { allow: staff },
    schema: {
      tags,
      summary: 'Agents',
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(AgentWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      const { count, agents } = await listAgents(sql, { workspaceId, offset: page.offset, limit: page.size })
      return pageAnswer(request, deps.publicUrl, { ...page, count, results: agents.map(toWire) })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/agents/',
    config: { allow: managers },
    schema: {
      tags,
      summary: 'Add an agent: a person or a voice',
      body: NewAgent,
      response: { 201: AgentWire },
    },
    handler: async (request, reply) => {
      const given = request.body
      requireOne(given)
      return idempotent(request, reply, sql, async (tx) => {
        const wanted = { name: given.name.trim(), userId: given.user ?? null, voice: given.voice ?? null }
        const agent = await createAgent(tx, principalOf(request).workspaceId, wanted, clock.now())
        return { status: 201, body: toWire(agent) }
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/agents/:id/',
    config: { allow: staff },
    schema: { tags, summary: 'One agent', params: Id, response: { 200: AgentWire } },
    handler: async (request) => {
      const agent = await findAgent(sql, principalOf(request).workspaceId, request.params.id)
      if (agent === null) throw new AppError('not_found', 'not_found', 'Not found.')
      return toWire(agent)
    },
  })

  app.route({
    method: 'PATCH',
    url: '/api/agents/:id/',
    config: { allow: managers },
    schema: { tags, summary: 'Change an agent', params: Id, body: AgentPatch, response: { 200: AgentWire } },
    handler: async (request, reply) => {
      const given = request.body
      requireOne(given)
      const change: AgentChange = {
        ...(given.name === undefined ? {} : { name: given.name.trim() }),
        ...(given.user === undefined ? {} : { userId: given.user }),
        ...(given.voice === undefined ? {} : { voice: given.voice }),
      }
      return idempotent(request, reply, sql, async (tx) => {
        const agent = await updateAgent(tx, principalOf(request).workspaceId, request.params.id, change)
        return { status: 200, body: toWire(agent) }
      })
    },
  })
}

function requireOne(given: { user?: string | null; voice?: string | null }): void {
  if (!given.user || !given.voice) return
  throw new AppError(
    'invalid',
    'invalid_field',
    'An agent is a person or a voice: send user or voice, not both.',
    {
      param: 'voice',
    },
  )
}

function toWire(agent: Agent) {
  const { id, userId, createdAt } = agent
  return { id, name: agent.name, user: userId, voice: agent.voice, created: instantText(createdAt) }
}
