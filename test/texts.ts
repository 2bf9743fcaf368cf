/** Texts for scenarios: handing them in, and comparing what we wrote with what the carrier's ledger says. */
import { closeBatch } from '../src/events/event-log.ts'
import type { Sql } from '../src/db/sql.ts'
import { isFinalText, type TextState } from '../src/messages/text.ts'
import type { WantedText } from '../src/messages/text-queue.ts'
import type { TextReferences } from '../src/messages/text-reference.ts'
import type { LedgerText } from '../simulator/ledger-texts.ts'
import type { World } from './world.ts'

/** Queues texts in one transaction; returns their ids in order. */
export async function queueTexts(
  world: Pick<World, 'sql' | 'workspaceId' | 'clock' | 'queueText'>,
  wanted: readonly (Partial<WantedText> & { to: string })[],
): Promise<string[]> {
  const now = world.clock.now()
  return world.sql.begin(async (tx) => {
    const ids: string[] = []
    const batches = []
    for (const one of wanted) {
      const { text, batch } = await world.queueText(
        tx,
        {
          workspaceId: world.workspaceId,
          from: '+18005550100',
          body: `Good morning ${one.to}`,
          kind: 'single',
          lane: 'single',
          ...one,
        },
        now,
      )
      ids.push(text.id)
      batches.push(...batch)
    }
    await closeBatch(tx, { now, workspaces: batches })
    return ids
  })
}

export type OwnText = {
  id: string
  runId: number | null
  numberId: number | null
  attempt: number
  to: string
  body: string
  state: TextState
  sid: string | null
}

/** Every row of the database that is a text, in the order of birth. */
export async function ownTexts(sql: Sql): Promise<OwnText[]> {
  return sql<OwnText[]>`
    select id, run_id as "runId", number_id as "numberId", attempt, to_number as to, body, state, carrier_sid as sid
      from texts order by id`
}

export type TextEvidence = {
  ledger: readonly LedgerText[]
  own: readonly OwnText[]
  /** Everybody who must have been texted, once. */
  people: readonly string[]
  references: TextReferences
  /** Texts in any one second, at most. */
  mostPerSecond?: number
}

/**
 * The carrier's ledger is the only oracle: a text belongs to the row whose reference stands in the address it reports to,
 * whatever our rows say about carrier ids.
 */
export function judgeTextLedger(evidence: TextEvidence): string[] {
  const byId = new Map(evidence.own.map((text) => [text.id, text]))
  const pairs = evidence.ledger.map((text) => ({
    text,
    own: byId.get(referenced(text, evidence.references)),
  }))
  const reached = new Map<string, number>()
  const attempts = new Map<string, string>()
  const findings: string[] = []
  for (const { text, own } of pairs) {
    if (own === undefined) {
      findings.push(`orphan: ${text.sid} is no text of ours`)
      continue
    }
    reached.set(own.to, (reached.get(own.to) ?? 0) + 1)
    const attempt =
      own.runId === null ? own.id : `run ${own.runId} number ${own.numberId} attempt ${own.attempt}`
    const before = attempts.get(attempt)
    if (before !== undefined) findings.push(`twice: ${attempt}: ${before} and ${text.sid}`)
    attempts.set(attempt, text.sid)
    if (own.sid !== text.sid) findings.push(`sid: text ${own.id} has ${own.sid}, the carrier ${text.sid}`)
    const state = text.status === 'queued' ? 'accepted' : text.status
    if (own.state !== state && !(own.state === 'unconfirmed' && state === 'sent'))
      findings.push(`outcome: text ${own.id} is ${own.state}, the carrier says ${state}`)
  }
  for (const to of evidence.people) {
    const times = reached.get(to) ?? 0
    if (times !== 1) findings.push(`${times === 0 ? 'lost' : 'twice'}: ${to} was texted ${times} times`)
  }
  const known = new Set(evidence.ledger.map((text) => text.sid))
  for (const text of evidence.own)
    if (text.sid !== null && !known.has(text.sid))
      findings.push(`phantom: text ${text.id} is ${text.state}, and the carrier never had it`)
  return [...findings, ...aboveRate(evidence)]
}

/** Texts that are neither waiting nor final. */
export function underWay(own: readonly OwnText[]): OwnText[] {
  return own.filter((text) => text.state === 'queued' || !isFinalText(text.state))
}

function referenced(text: LedgerText, references: TextReferences): string {
  const reference = /\/hooks\/sms\/([^/]+)\/status$/.exec(text.statusCallback ?? '')?.[1]
  return reference === undefined ? '' : (references.decode(reference)?.textId ?? '')
}

function aboveRate({ ledger, mostPerSecond }: TextEvidence): string[] {
  if (mostPerSecond === undefined) return []
  const times = ledger.map((text) => text.acceptedAt.getTime()).sort((a, b) => a - b)
  let first = 0
  let fullest = 0
  for (const [index, at] of times.entries()) {
    while ((times[first] ?? at) <= at - 1_000) first += 1
    fullest = Math.max(fullest, index - first + 1)
  }
  return fullest > mostPerSecond ? [`rate: ${fullest} texts in one second, ${mostPerSecond} allowed`] : []
}
