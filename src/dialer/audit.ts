/** The audit of an installation: reads everything that was written, in bounded memory, and has it judged. */
import type { Sql, Tx } from '../db/sql.ts'
import * as store from './audit-store.ts'
import * as texts from './audit-texts-store.ts'
import { judgeTotals } from './judge-sums.ts'
import { judgeText, judgeTextsTogether, textAttempt } from './judge-texts.ts'
import { callAttempt, judgeAttempts, judgeCall, judgeStray, judgeTogether, type Finding } from './judge.ts'

export type Audit = {
  /** Product time at which it was asked for. */
  at: Date
  /** At most `mostFindings`. */
  findings: Finding[]
  counts: { runs: number; numbers: number; calls: number; texts: number }
}

/** Somebody who has this many findings does not need the next one. */
export const mostFindings = 1_000

/**
 * Reads and judges all workspaces, each as of one moment. Runs beside a working server and changes nothing.
 * Memory is bounded; time grows with the number of calls.
 */
export async function audit(sql: Sql, now: Date): Promise<Audit> {
  const result: Audit = {
    at: now,
    findings: [
      ...judgeTogether(await store.callsSideBySide(sql)),
      ...judgeTextsTogether(await texts.textsSideBySide(sql)),
    ],
    counts: noCounts(),
  }
  for (const workspaceId of await store.workspaceIds(sql)) {
    await store.inOneMoment(sql, (tx) => auditWorkspace(tx, workspaceId, result))
    if (result.findings.length >= mostFindings) break
  }
  return { ...result, findings: result.findings.slice(0, mostFindings) }
}

async function auditWorkspace(tx: Tx, workspaceId: number, result: Audit): Promise<void> {
  const { findings, counts } = result
  for (const campaignId of await store.campaignIds(tx, workspaceId)) {
    const runs = await store.runsOf(tx, workspaceId, campaignId)
    counts.runs += runs.size
    for await (const batch of store.numbersWithCalls(tx, workspaceId, campaignId)) {
      const numberIds = batch.map(({ number }) => number.id)
      const sent = await texts.textsOfNumbers(tx, workspaceId, { campaignId, numberIds })
      counts.numbers += batch.length
      for (const { number, calls } of batch) {
        const attempts = [...calls.map(callAttempt), ...(sent.get(number.id) ?? []).map(textAttempt)]
        findings.push(...judgeAttempts(number, attempts, runs))
      }
      if (findings.length >= mostFindings) return
    }
  }
  for await (const { calls, entries } of store.callsWithHistory(tx, workspaceId)) {
    counts.calls += calls.length
    const runIds = new Set(calls.flatMap((call) => (call.runId === null ? [] : [call.runId])))
    const runs = await store.runsById(tx, workspaceId, [...runIds])
    for (const call of calls) {
      const run = call.runId === null ? undefined : runs.get(call.runId)
      findings.push(...judgeCall(call, entries.get(call.id) ?? [], run))
    }
    if (findings.length >= mostFindings) return
  }
  await auditTexts(tx, workspaceId, result)
  const [kept, real] = await Promise.all([
    store.keptCounts(tx, workspaceId),
    store.realCounts(tx, workspaceId),
  ])
  findings.push(...judgeTotals(workspaceId, kept, real))
  findings.push(...(await store.straysOf(tx, workspaceId)).map(judgeStray))
}

async function auditTexts(tx: Tx, workspaceId: number, { findings, counts }: Audit): Promise<void> {
  for await (const { texts: some, entries } of texts.textsWithHistory(tx, workspaceId)) {
    counts.texts += some.length
    const runIds = new Set(some.flatMap((text) => (text.runId === null ? [] : [text.runId])))
    const runs = await store.runsById(tx, workspaceId, [...runIds])
    for (const text of some) {
      const run = text.runId === null ? undefined : runs.get(text.runId)
      findings.push(...judgeText(text, entries.get(text.id) ?? [], run))
    }
    if (findings.length >= mostFindings) return
  }
}

function noCounts(): Audit['counts'] {
  return { runs: 0, numbers: 0, calls: 0, texts: 0 }
}
