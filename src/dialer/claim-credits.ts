/** Whether what a claim is about to begin can be paid for: nothing is begun beyond a workspace's limit. */
import { dearestOf, priceOf, type PriceList } from '../accounts/price-list.ts'
import { keyOfSubject, minutesToHold, openPurse, type CreditSubject } from '../credits/credit.ts'
import { addHolds, findHolds, lockCredits } from '../credits/credit-store.ts'
import { column, type Tx } from '../db/sql.ts'
import { countryOf } from '../numbers/numbering-plan.ts'

/** A call or a text of a claim: `units` counts its minutes or segments, when somebody must know. */
export type Bill = {
  subject: CreditSubject
  to: string
  units: () => number
  terms: { creditLimit: number | null; creditPrices: PriceList }
}

/** The verdict on what cannot be paid for. */
export const noCredit = { ok: false, reason: 'no_credit', dueAt: null } as const

export type Payer = {
  /** Whether it can be paid. Once for each that would be begun; those of workspaces without a limit always can. */
  pays(bill: Bill): boolean
  /** Holds credits for what was paid and had none on hold yet. */
  save(tx: Tx, now: Date): Promise<void>
}

/**
 * Looks up what the given bills could be paid from. Workspaces without a limit are not asked: theirs is charged when it
 * is over. The sums of the others stay locked until the claim commits.
 */
export async function openPayer(tx: Tx, kind: 'call' | 'text', bills: readonly Bill[]): Promise<Payer> {
  const limits = new Map(bills.map(({ subject, terms }) => [subject.workspaceId, terms.creditLimit]))
  const limited = bills.filter(({ terms }) => terms.creditLimit !== null)
  if (limited.length === 0) return { pays: () => true, save: async () => {} }
  const subjects = new Map(limited.map(({ subject }) => [keyOfSubject(subject), subject]))
  const sums = await lockCredits(tx, [...new Set(limited.map(({ subject }) => subject.workspaceId))])
  const holds = await findHolds(tx, [...subjects.values()])
  const underWay = await unitsUnderWay(tx, kind, [...subjects.values()])
  const room = [...holds].map(([key, { held, prices }]): [string, number] => [
    key,
    held - (underWay.get(key) ?? 0) * dearestOf(prices, kind),
  ])
  const free = [...sums].map(([workspaceId, { used, held }]): [number, number] => [
    workspaceId,
    Math.max(0, (limits.get(workspaceId) ?? 0) - used - held),
  ])
  const purse = openPurse(new Map(room), new Map(free))
  const pricesOf = ({ subject, terms }: Bill) =>
    holds.get(keyOfSubject(subject))?.prices ?? terms.creditPrices
  return {
    pays(bill) {
      if (bill.terms.creditLimit === null) return true
      const cost = bill.units() * priceOf(pricesOf(bill), countryOf(bill.to), kind)
      return purse.pay({ ...bill.subject, cost })
    },
    async save(saving, now) {
      const paid = new Map(limited.map((bill) => [keyOfSubject(bill.subject), bill]))
      const added = [...purse.more].flatMap(([key, amount]) => {
        const bill = paid.get(key)
        return bill === undefined ? [] : [{ ...bill.subject, amount, prices: pricesOf(bill) }]
      })
      await addHolds(saving, added, now)
    },
  }
}

/** What the runs among these subjects have under way, which will be paid from their holds: minutes or segments. */
async function unitsUnderWay(
  tx: Tx,
  kind: 'call' | 'text',
  subjects: readonly CreditSubject[],
): Promise<Map<string, number>> {
  const runs = subjects.filter((one) => one.kind === 'run')
  if (runs.length === 0) return new Map()
  const given = tx`unnest(${column(runs, (run) => run.workspaceId)}::bigint[],
                          ${column(runs, (run) => Number(run.subject))}::bigint[]) as given (workspace_id, run_id)`
  const rows =
    kind === 'call'
      ? await tx<{ workspace_id: number; run_id: number; size: number; count: number }[]>`
          select c.workspace_id, c.run_id, c.message_seconds as size, count(*)::int as count
            from ${given}
            join calls c on c.workspace_id = given.workspace_id and c.run_id = given.run_id and c.phase = 'open'
           group by 1, 2, 3
           limit 10000`
      : await tx<{ workspace_id: number; run_id: number; size: number; count: number }[]>`
          select t.workspace_id, t.run_id, t.segments as size, count(*)::int as count
            from ${given}
            join texts t on t.workspace_id = given.workspace_id and t.run_id = given.run_id
                        and t.phase in ('open', 'sent')
           group by 1, 2, 3
           limit 10000`
  const units = new Map<string, number>()
  for (const { workspace_id: workspaceId, run_id: runId, size, count } of rows) {
    const key = keyOfSubject({ workspaceId, kind: 'run', subject: String(runId) })
    units.set(key, (units.get(key) ?? 0) + count * (kind === 'call' ? minutesToHold(size) : size))
  }
  return units
}
