/** What calls cost, charged in the transaction that ends them: one ledger row for each run of a batch, never one a call. */
import { priceOf } from '../accounts/price-list.ts'
import type { Settings } from '../accounts/settings.ts'
import { callCost, minutesToHold, noCredit, type CreditSubject, type Usage } from '../credits/credit.ts'
import { heldAmong, holdCredits, pricesFor, settleCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import { isFinal, type Call } from './call.ts'
import type { Move } from './call-telling.ts'

/** Charges calls that were answered and are over, at the prices that were agreed when their credits were held. */
export async function settleCalls(tx: Tx, moves: readonly Move[], now: Date): Promise<WorkspaceBatch[]> {
  const ended = moves.flatMap(({ before, after }) => {
    const isNews = before === null || !isFinal(before.state) || before.state === 'held'
    return isNews && isFinal(after.state) && after.state !== 'held' ? [after] : []
  })
  const charged = ended.filter((call) => call.state === 'completed' && call.duration > 0)
  const subjects = charged.map(subjectOf)
  const prices = await pricesFor(tx, subjects)
  const usages = charged.flatMap((call, index): Usage[] => {
    const subject = subjects[index]
    const list = prices[index]
    if (subject === undefined || list === undefined) return []
    const cost = callCost({ country: countryOf(call.toNumber), duration: call.duration }, list)
    return [{ ...subject, cost, ends: subject.kind !== 'run' }]
  })
  const free = ended.filter((call) => call.runId === null && !charged.includes(call)).map(subjectOf)
  const released = await heldAmong(tx, free)
  await settleCredits(tx, [...usages, ...released.map((one) => ({ ...one, cost: 0, ends: true }))], now)
  return []
}

/** Holds what a direct call may cost. Throws conflict `no_credit` when the limit does not allow that. */
export async function holdForCall(
  tx: Tx,
  call: { workspaceId: number; id: string; to: string; messageSeconds: number },
  { settings, now }: { settings: Settings; now: Date },
): Promise<void> {
  const { creditLimit: limit, creditPrices: prices } = settings
  if (limit === null) return
  const { workspaceId, id: subject } = call
  const amount = minutesToHold(call.messageSeconds) * priceOf(prices, countryOf(call.to), 'call')
  const held = await holdCredits(tx, { workspaceId, kind: 'call', subject, amount, prices, limit }, now)
  if (!held.ok) throw noCredit(amount, held.available)
}

function subjectOf(call: Call): CreditSubject {
  const { workspaceId, runId, id } = call
  return runId === null
    ? { workspaceId, kind: 'call', subject: id }
    : { workspaceId, kind: 'run', subject: String(runId) }
}
