/** Who may have a lead, and who may give it to whom. */
import type { Queryable } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { seesAll, type Principal } from '../http/principal.ts'
import { shown } from '../http/validation.ts'

export type Assignee = { id: string; username: string }

/** The active person named by their id, their agent's id or their username. */
export async function findAssignee(
  sql: Queryable,
  workspaceId: number,
  named: string,
): Promise<Assignee | null> {
  const id = isUuid(named) ? named : null
  const [row] = await sql<Assignee[]>`
    select person.id, person.username
      from users person
      left join agents agent on agent.workspace_id = person.workspace_id and agent.user_id = person.id
     where person.workspace_id = ${workspaceId} and person.is_active and person.role in ('agent', 'manager', 'admin')
       and (person.id = ${id}::uuid or agent.id = ${id}::uuid or lower(person.username) = lower(${named}))
     limit 1`
  return row ?? null
}

/**
 * Reads the member `assigned_agent`: undefined when it was not sent. Agents keep their leads to themselves; giving one to
 * somebody else is a manager's. Throws `unknown_person` (400) and `forbidden` (403).
 */
export async function readAssignee(
  sql: Queryable,
  principal: Principal,
  given: unknown,
): Promise<Assignee | null | undefined> {
  if (given === undefined) return undefined
  const named = typeof given === 'string' ? given.trim() : ''
  const assignee = named === '' ? null : await findAssignee(sql, principal.workspaceId, named)
  if (named !== '' && assignee === null) {
    const message = `assigned_agent ${shown(named)} is no active admin, manager or agent here. Send a username, or an id of /api/agents/.`
    throw new AppError('invalid', 'unknown_person', message, { param: 'assigned_agent' })
  }
  if (seesAll(principal) || assignee?.id === principal.userId) return assignee
  const message = 'Only managers may give leads to somebody else.'
  throw new AppError('forbidden', 'forbidden', message, { param: 'assigned_agent' })
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
