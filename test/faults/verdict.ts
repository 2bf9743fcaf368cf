/** How a row ends: all is quiet, and the carrier's ledger and the audit of the records say what they found. */
import { audit } from '../../src/dialer/audit.ts'
import { createTextReferences } from '../../src/messages/text-reference.ts'
import { ledgerCalls, type LedgerCall } from '../../simulator/ledger-calls.ts'
import { ledgerTexts } from '../../simulator/ledger-texts.ts'
import { judgeLedger, ownCalls, type Limits } from '../ledger-judge.ts'
import { judgeTextLedger, ownTexts } from '../texts.ts'
import { references, secretKey, type Rig } from './installation.ts'
import { until } from './processes.ts'

/** Waits until every run is over, here and at the carrier; if that never comes, says what is left. */
export async function quiet(rig: Rig, withinMs: number): Promise<void> {
  const over = until('every run is over, and no call or text is under way', withinMs, async () => {
    const [row] = await rig.sql<{ over: boolean }[]>`
      select not exists (select from runs where state in ('running', 'scheduled') or (state = 'stopped' and not swept))
             and not exists (select from calls where phase in ('open', 'waiting'))
             and not exists (select from texts where phase in ('open', 'waiting', 'sent')) as over`
    return row?.over === true
  })
  await over.catch(async (error: Error) => {
    throw new Error(`${error.message}; left: ${(await leftOver(rig)).join(', ')}`)
  })
}

async function leftOver(rig: Rig): Promise<string[]> {
  const rows = await rig.sql<{ what: string }[]>`
    select count(*) || ' runs ' || state as what from runs
     where state in ('running', 'scheduled') or (state = 'stopped' and not swept) group by state
     union all
    select count(*) || ' calls ' || c.state || case when w.settled_at is null then '' else ', of a process that is gone' end
      from calls c left join workers w on w.id = c.owner
     where c.phase in ('open', 'waiting') group by c.state, w.settled_at is null
     union all
    select count(*) || ' texts ' || state from texts where phase in ('open', 'waiting', 'sent') group by state`
  return rows.map(({ what }) => what)
}

/** What the carrier's ledger and the audit of the records find. */
export async function judge(
  rig: Rig,
  limits: Limits = {},
): Promise<{ ledger: LedgerCall[]; findings: string[] }> {
  const ledger = await ledgerCalls(rig.ledgerPath)
  const eligible = rig.wanted.flatMap(({ runId, numbers }) => numbers.map((to) => ({ runId, to })))
  const found = judgeLedger({ ledger, own: await ownCalls(rig.sql), eligible, references, limits })
  const foundInTexts = judgeTextLedger({
    ledger: await ledgerTexts(rig.ledgerPath),
    own: await ownTexts(rig.sql),
    people: rig.texted,
    references: createTextReferences(secretKey),
    ...(limits.callsPerSecond === undefined ? {} : { mostPerSecond: limits.callsPerSecond * 1.8 + 1 }),
  })
  const records = await audit(rig.sql, new Date())
  const findings = [
    ...found.map(({ rule, detail }) => `ledger ${rule}: ${detail}`),
    ...foundInTexts.map((detail) => `ledger ${detail}`),
    ...records.findings.map(({ rule, subject, detail }) => `audit ${rule}: ${subject}: ${detail}`),
  ]
  return { ledger, findings }
}

/** The id of the call whose reference stands in the address that a call at the carrier reports to. */
export function referenced(call: LedgerCall): string | null {
  const reference = /\/hooks\/voice\/([^/]+)\/status$/.exec(call.statusCallback ?? '')?.[1]
  return reference === undefined ? null : (references.decode(reference)?.callId ?? null)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
