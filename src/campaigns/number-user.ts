import type { Tx } from '../db/sql.ts'
import type { PhoneNumber } from '../numbers/owned-number.ts'

/**
 * What still calls from a number, in words for people; null when nothing does. Numbers have one owner in the whole
 * installation, and the one that everybody may show is used by other workspaces as well: those are not named.
 */
export async function numberUser(
  tx: Tx,
  number: Pick<PhoneNumber, 'workspaceId' | 'number'>,
): Promise<string | null> {
  const [run] = await tx<{ workspace_id: number; name: string; state: string }[]>`
    select r.workspace_id, c.name, r.state
      from runs r
      join campaigns c on c.workspace_id = r.workspace_id and c.id = r.campaign_id
     where r.state in ('scheduled', 'running', 'paused') and ${number.number} = any(r.from_numbers)
     order by r.workspace_id <> ${number.workspaceId}, r.id
     limit 1`
  if (run !== undefined) {
    const isOwn = run.workspace_id === number.workspaceId
    return isOwn
      ? `the campaign ${run.name} is ${run.state} and calls from it`
      : 'another workspace calls from it'
  }
  const [call] = await tx`
    select from calls
     where workspace_id = ${number.workspaceId} and from_number = ${number.number} and phase in ('open', 'waiting')
     limit 1`
  return call === undefined ? null : 'a call from it is waiting or under way'
}
