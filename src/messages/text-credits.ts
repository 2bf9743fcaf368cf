/** What texts cost, charged in the transaction that ends them: one ledger row for each run of a batch, never one a text. */
import { priceOf } from '../accounts/price-list.ts'
import type { CreditSubject, Usage } from '../credits/credit.ts'
import { pricesFor, settleCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import { isFinalText, type Text } from './text.ts'
import type { TextMove } from './text-telling.ts'

/** Charges each segment of the texts that the carrier took and that are over, whether they arrived or not. */
export async function settleTexts(tx: Tx, moves: readonly TextMove[], now: Date): Promise<WorkspaceBatch[]> {
  const charged = moves.flatMap(({ before, after }) => {
    // An unconfirmed one was charged when it became so; what is learned of it later costs nothing more.
    const isNews = before === null || !isFinalText(before.state) || before.state === 'held'
    return isNews && isFinalText(after.state) && after.state !== 'held' && after.carrierSid !== null
      ? [after]
      : []
  })
  if (charged.length === 0) return []
  const subjects = charged.map(subjectOf)
  const prices = await pricesFor(tx, subjects)
  const usages = charged.flatMap((text, index): Usage[] => {
    const subject = subjects[index]
    const list = prices[index]
    if (subject === undefined || list === undefined) return []
    const cost = text.segments * priceOf(list, countryOf(text.toNumber), 'text')
    return [{ ...subject, cost, ends: subject.kind !== 'run' }]
  })
  await settleCredits(tx, usages, now)
  return []
}

function subjectOf(text: Text): CreditSubject {
  const { workspaceId, runId, id } = text
  return runId === null
    ? { workspaceId, kind: 'text', subject: id }
    : { workspaceId, kind: 'run', subject: String(runId) }
}
