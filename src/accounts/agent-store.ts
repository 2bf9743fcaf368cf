import type { Queryable, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { uuidV7 } from '../random.ts'

/** Whom a call can belong to: a person of the workspace, or a voice. */
export type Agent = {
  id: string
  name: string
  userId: string | null
  voice: string | null
  createdAt: Date
}

type AgentRow = { id: string; name: string; user_id: string | null; voice: string | null; created_at: Date }

export async function listAgents(
  sql: Queryable,
  list: { workspaceId: number; offset: number; limit: number },
): Promise<{ count: number; agents: Agent[] }> {
  const [total] = await sql<{ count: number }[]>`
    select count(*) as count from agents where workspace_id = ${list.workspaceId}`
  const rows = await sql<AgentRow[]>`
    select id, name, user_id, voice, created_at from agents
     where workspace_id = ${list.workspaceId}
     order by created_at, id
    offset ${list.offset} limit ${list.limit}`
  return { count: total?.count ?? 0, agents: rows.map(toAgent) }
}

export async function findAgent(sql: Queryable, workspaceId: number, id: string): Promise<Agent | null> {
  const [row] = await sql<AgentRow[]>`
    select id, name, user_id, voice, created_at from agents where workspace_id = ${workspaceId} and id = ${id}`
  return row ? toAgent(row) : null
}

export type AgentChange = { name?: string; userId?: string | null; voice?: string | null }

/** Adds an agent. Throws `agent_user_unknown` (invalid), `agent_exists` (conflict). */
export async function createAgent(
  tx: Tx,
  workspaceId: number,
  agent: { name: string; userId: string | null; voice: string | null },
  now: Date,
): Promise<Agent> {
  const id = uuidV7(now.getTime())
  await requireAgentUser(tx, workspaceId, { id, userId: agent.userId })
  const [row] = await tx<AgentRow[]>`
    insert into agents (workspace_id, id, user_id, name, voice, created_at)
    values (${workspaceId}, ${id}, ${agent.userId}, ${agent.name}, ${agent.voice}, ${now})
    returning id, name, user_id, voice, created_at`
  if (!row) throw new Error('The agent was not inserted')
  return toAgent(row)
}

/** Changes what is given; a person takes the place of a voice and the other way round. */
export async function updateAgent(
  tx: Tx,
  workspaceId: number,
  id: string,
  change: AgentChange,
): Promise<Agent> {
  await requireAgentUser(tx, workspaceId, { id, userId: change.userId ?? null })
  const [old] = await tx<AgentRow[]>`
    select id, name, user_id, voice, created_at from agents
     where workspace_id = ${workspaceId} and id = ${id}
       for update`
  if (!old) throw new AppError('not_found', 'not_found', 'Not found.')
  const userId = change.userId !== undefined ? change.userId : change.voice ? null : old.user_id
  const voice = change.voice !== undefined ? change.voice : change.userId ? null : old.voice
  const [row] = await tx<AgentRow[]>`
    update agents set name = ${change.name ?? old.name}, user_id = ${userId}, voice = ${voice}
     where workspace_id = ${workspaceId} and id = ${id}
    returning id, name, user_id, voice, created_at`
  if (!row) throw new Error('The agent was not updated')
  return toAgent(row)
}

/** Two requests for one person take turns at that person's row. */
async function requireAgentUser(
  tx: Tx,
  workspaceId: number,
  agent: { id: string; userId: string | null },
): Promise<void> {
  if (agent.userId === null) return
  const [user] = await tx`
    select from users
     where workspace_id = ${workspaceId} and id = ${agent.userId} and is_active and role in ('admin', 'manager', 'agent')
       for no key update`
  if (!user) {
    const message = `user must be the id of an active admin, manager or agent; ${agent.userId} is not.`
    throw new AppError('invalid', 'agent_user_unknown', message, { param: 'user' })
  }
  const [other] = await tx<{ id: string }[]>`
    select id from agents where workspace_id = ${workspaceId} and user_id = ${agent.userId} and id <> ${agent.id}`
  if (!other) return
  throw new AppError(
    'conflict',
    'agent_exists',
    `This person is the agent ${other.id} already. Change that one.`,
    {
      param: 'user',
    },
  )
}

function toAgent(row: AgentRow): Agent {
  return { id: row.id, name: row.name, userId: row.user_id, voice: row.voice, createdAt: row.created_at }
}
