/** The numbers that running campaigns of texts come to next, each run in its turn, and what becomes of them in a claim. */
import type { Tx } from '../db/sql.ts'
import { zoneInTags } from '../campaigns/recipient-zone.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { parseMessage, renderMessage } from '../campaigns/message.ts'
import { longestBody } from '../messages/text-segments.ts'
import { pauseFailing } from './breaking.ts'
import { inTurn } from './candidates.ts'
import { rulesOfRun, zonesOf } from './recipient-zones.ts'
import { dueNumbers, freshNumbers, runningRuns, type NumberRow, type RunningRun } from './claim-store.ts'
import type { Eligibility } from './eligibility.ts'
import type { NumberChange } from './intent-store.ts'
import type { TextClaimDeps } from './text-claim.ts'
import type { TextCandidate } from './text-candidates.ts'

const runsPerClaim = 50

export type RunTexts = {
  candidates: TextCandidate[]
  /** Runs in which nothing was found: they may be over. */
  exhausted: { workspaceId: number; runId: number; campaignId: number }[]
  /** Tells of the runs that paused by themselves in this claim. */
  paused: WorkspaceBatch[]
  /** How far each run got, given the candidates that were looked at but not taken. */
  turns(leftover: ReadonlySet<TextCandidate>): { workspaceId: number; runId: number; watermark: number }[]
}

export const noRunTexts: RunTexts = { candidates: [], exhausted: [], paused: [], turns: () => [] }

export async function gatherRunTexts(
  tx: Tx,
  deps: TextClaimDeps,
  { now, most }: { now: Date; most: number },
): Promise<RunTexts> {
  const { runs, paused } = await pauseFailing(tx, {
    runs: await runningRuns(tx, { service: 'SMS', limit: runsPerClaim }),
    of: 'texts',
  })
  const ofRuns: TextCandidate[][] = []
  const exhausted: RunTexts['exhausted'] = []
  const seen: { run: RunningRun; fresh: { row: NumberRow; candidate: TextCandidate }[] }[] = []
  const share = Math.ceil(most / Math.max(1, runs.length))
  for (const run of runs) {
    const due = await dueNumbers(tx, run, { now, limit: share })
    const fresh = due.length < share ? await freshNumbers(tx, run, share - due.length) : []
    if (due.length === 0 && fresh.length === 0) {
      exhausted.push({ workspaceId: run.workspaceId, runId: run.id, campaignId: run.campaignId })
      continue
    }
    const toCandidate = numberReader(run, deps)
    const read = fresh.map((row) => ({ row, candidate: toCandidate(row) }))
    ofRuns.push([...due.map(toCandidate), ...read.map((one) => one.candidate)])
    seen.push({ run, fresh: read })
  }
  return {
    candidates: inTurn(ofRuns),
    exhausted,
    paused,
    turns: (leftover) =>
      seen.map(({ run, fresh }) => {
        const stop = fresh.findIndex((one) => leftover.has(one.candidate))
        const done = stop === -1 ? fresh : fresh.slice(0, stop)
        const watermark = done.at(-1)?.row.id ?? run.watermark
        return { workspaceId: run.workspaceId, runId: run.id, watermark }
      }),
  }
}

function numberReader(run: RunningRun, deps: TextClaimDeps): (row: NumberRow) => TextCandidate {
  const rules = rulesOfRun(deps.readRules(run.settings), run)
  const message = parseMessage(run.message)
  return (row) => {
    const rendered = renderMessage(message, row.tags)
    const ownZone = zoneInTags(row.tags)
    const body = rendered.ok ? rendered.text : ''
    const to = row.to ?? ''
    const from = run.fromNumbers[row.id % run.fromNumbers.length] ?? ''
    const hash = deps.hashBody(body).toString('hex')
    return {
      workspaceId: run.workspaceId,
      to,
      from,
      body,
      unfit: unfitness(row, rendered),
      hash,
      key: `${from} ${to} ${hash}`,
      lane: 'bulk',
      kind: 'campaign',
      rules,
      zones: zonesOf(ownZone ?? row.timeZone, rules),
      asksLead: ownZone === null,
      expiresAt: null,
      text: null,
      number: {
        id: row.id,
        campaignId: run.campaignId,
        runId: run.id,
        status: row.status,
        attempts: row.attempts,
      },
    }
  }
}

/** Why a number can never be sent its text. */
function unfitness(row: NumberRow, rendered: ReturnType<typeof renderMessage>): string | null {
  if (row.to === null) return 'invalid_number'
  if (!rendered.ok) return `no_value_for_${rendered.missing.join('_and_')}`
  if (rendered.text.trim() === '') return 'empty_message'
  return [...rendered.text].length > longestBody ? 'message_too_long' : null
}

/** What a claim does to a campaign's number. Null when the candidate is no such number. */
export function numberAfter(
  candidate: TextCandidate,
  became: { born: true } | { born: false; verdict: Exclude<Eligibility, { ok: true }> },
): NumberChange | null {
  if (candidate.number === null) return null
  const { campaignId, runId, id, status: was } = candidate.number
  const change = { workspaceId: candidate.workspaceId, campaignId, runId, id, was }
  if (became.born) return { ...change, status: 'calling', reason: null, dueAt: null }
  const { reason, dueAt } = became.verdict
  return { ...change, status: dueAt === null ? 'skipped' : 'queued', reason, dueAt }
}
