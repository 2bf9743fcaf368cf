/** What calls cost, charged in the transaction that ends them: one ledger row for each run of a batch, never one a call. */
import { callCost, type CreditSubject, type Usage } from '../credits/credit.ts'
import { pricesFor, settleCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import type { Call } from './call.ts'
import type { Move } from './call-telling.ts'

/** Charges calls that were answered and are over, at the prices that were agreed when their run began. */
export async function settleCalls(tx: Tx, moves: readonly Move[], now: Date): Promise<WorkspaceBatch[]> {
  const ended = moves.flatMap(({ before, after }) =>
    after.state === 'completed' && before?.state !== 'completed' && after.duration > 0 ? [after] : [],
  )
  if (ended.length === 0) return []
  const subjects = ended.map(subjectOf)
  const prices = await pricesFor(tx, subjects)
  const usages = ended.flatMap((call, index): Usage[] => {
    const subject = subjects[index]
    const list = prices[index]
    if (subject === undefined || list === undefined) return []
    const cost = callCost({ country: countryOf(call.toNumber), duration: call.duration }, list)
    return [{ ...subject, cost, ends: subject.kind !== 'run' }]
  })
  await settleCredits(tx, usages, now)
  return []
}

function subjectOf(call: Call): CreditSubject {
  const { workspaceId, runId, id } = call
  return runId === null
    ? { workspaceId, kind: 'call', subject: id }
    : { workspaceId, kind: 'run', subject: String(runId) }
}
