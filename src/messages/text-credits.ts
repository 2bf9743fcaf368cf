/** What texts cost, charged in the transaction that ends them: one ledger row for each run of a batch, never one a text. */
import { priceOf } from '../accounts/price-list.ts'
import type { Settings } from '../accounts/settings.ts'
import { noCredit, type CreditSubject, type Usage } from '../credits/credit.ts'
import { heldAmong, holdCredits, pricesFor, settleCredits } from '../credits/credit-store.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import { isFinalText, type Text } from './text.ts'
import type { TextMove } from './text-telling.ts'

/** Charges each segment of the texts that the carrier took and that are over, whether they arrived or not. */
export async function settleTexts(tx: Tx, moves: readonly TextMove[], now: Date): Promise<WorkspaceBatch[]> {
  const ended = moves.flatMap(({ before, after }) => {
    // An unconfirmed one was charged when it became so; what is learned of it later costs nothing more.
    const isNews = before === null || !isFinalText(before.state) || before.state === 'held'
    return isNews && isFinalText(after.state) && after.state !== 'held' ? [after] : []
  })
  const charged = ended.filter((text) => text.carrierSid !== null)
  const subjects = charged.map(subjectOf)
  const prices = await pricesFor(tx, subjects)
  const usages = charged.flatMap((text, index): Usage[] => {
    const subject = subjects[index]
    const list = prices[index]
    if (subject === undefined || list === undefined) return []
    const cost = text.segments * priceOf(list, countryOf(text.toNumber), 'text')
    return [{ ...subject, cost, ends: subject.kind !== 'run' }]
  })
  const free = ended.filter((text) => text.runId === null && text.carrierSid === null).map(subjectOf)
  const released = await heldAmong(tx, free)
  await settleCredits(tx, [...usages, ...released.map((one) => ({ ...one, cost: 0, ends: true }))], now)
  return []
}

/** Holds what a text may cost. Throws conflict `no_credit` when the limit does not allow that. */
export async function holdForText(
  tx: Tx,
  text: Pick<Text, 'workspaceId' | 'id' | 'toNumber' | 'segments'>,
  { settings, now }: { settings: Settings; now: Date },
): Promise<void> {
  const { creditLimit: limit, creditPrices: prices } = settings
  if (limit === null) return
  const { workspaceId, id: subject } = text
  const amount = text.segments * priceOf(prices, countryOf(text.toNumber), 'text')
  const held = await holdCredits(tx, { workspaceId, kind: 'text', subject, amount, prices, limit }, now)
  if (!held.ok) throw noCredit(amount, held.available)
}

function subjectOf(text: Text): CreditSubject {
  const { workspaceId, runId, id } = text
  return runId === null
    ? { workspaceId, kind: 'text', subject: id }
    : { workspaceId, kind: 'run', subject: String(runId) }
}
