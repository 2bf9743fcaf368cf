/** Who presses 9 is put on the do-not-call list in the transaction that keeps the key: before the phone hears anything. */
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { blockNumber } from '../numbers/do-not-call-store.ts'
import type { Move } from './call-telling.ts'
import { optOutKey } from './voice-options.ts'

export async function obeyOptOuts(tx: Tx, moves: readonly Move[], now: Date): Promise<WorkspaceBatch[]> {
  const optedOut = moves
    .filter(({ before, after }) => hasOptedOut(after.pressed) && !hasOptedOut(before?.pressed ?? null))
    .map(({ after }) => ({ workspaceId: after.workspaceId, number: after.toNumber }))
    .sort((a, b) => a.workspaceId - b.workspaceId || (a.number < b.number ? -1 : 1))
  for (const { workspaceId, number } of optedOut)
    await blockNumber(tx, { workspaceId, number, reason: `Pressed ${optOutKey}`, createdBy: null }, now)
  return optedOut.map(({ workspaceId, number }) => {
    const data = { number, blocked: true }
    return { workspaceId, totals: [], events: [{ kind: 'do_not_call.changed', visibleTo: null, data }] }
  })
}

function hasOptedOut(pressed: string | null): boolean {
  return pressed?.includes(optOutKey) ?? false
}
