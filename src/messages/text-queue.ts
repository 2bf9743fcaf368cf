/** Where every part of the product hands in its texts, and the question it may want to be asked before one is sent. */
import { uuidV7 } from '../random.ts'
import type { Tx } from '../db/sql.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { AppError } from '../errors.ts'
import type { HashBody } from './body-hash.ts'
import type { Lane, Text, TextKind } from './text.ts'
import { longestBody, segmentsOf } from './text-segments.ts'
import { insertWaitingTexts, wakeSenders } from './text-store.ts'
import { tellTexts } from './text-telling.ts'

export type WantedText = {
  workspaceId: number
  /** E.164. */
  to: string
  /** E.164, a number that may send texts. */
  from: string
  /** What the person reads, exactly. */
  body: string
  /** What is stored in its place, when the body must not be: the gate of the kind then composes it again. */
  stored?: string
  kind: TextKind
  lane: Lane
  /** What it is about, in the words of the kind. Texts are found by it. */
  subject?: string
  /** Not sent before; now when absent. */
  dueAt?: Date
  /** Not sent at or after this. */
  expiresAt?: Date
  createdBy?: string | null
}

/** `batch` belongs into the closeBatch that ends the caller's transaction. */
export type QueuedText = { text: Text; batch: WorkspaceBatch[] }

/**
 * Writes a text that waits to be sent, in the caller's transaction, and wakes the senders when that commits. It is sent
 * once, or ends with a reason: `do_not_call`, `expired`, or whatever its kind's gate says. A text that was given back
 * (nothing was sent) is followed by another row; `findTextAbout` finds the newest by kind and subject.
 */
export type QueueText = (tx: Tx, wanted: WantedText, now: Date) => Promise<QueuedText>

export function createTextQueue(deps: { carrierAccountId: number; hashBody: HashBody }): QueueText {
  return async (tx, wanted, now) => {
    requireBody(wanted.body)
    const { segments, encoding } = segmentsOf(wanted.body)
    const [text] = await insertWaitingTexts(
      tx,
      [
        {
          workspaceId: wanted.workspaceId,
          id: uuidV7(now.getTime()),
          attempt: 1,
          kind: wanted.kind,
          subject: wanted.subject ?? null,
          lane: wanted.lane,
          toNumber: wanted.to,
          fromNumber: wanted.from,
          body: wanted.stored ?? wanted.body,
          bodyHash: deps.hashBody(wanted.body),
          segments,
          encoding,
          dueAt: wanted.dueAt ?? now,
          expiresAt: wanted.expiresAt ?? null,
          createdBy: wanted.createdBy ?? null,
          createdAt: now,
        },
      ],
      deps.carrierAccountId,
    )
    if (text === undefined) throw new Error('the text was not inserted')
    await wakeSenders(tx)
    return { text, batch: tellTexts([{ before: null, after: text }]) }
  }
}

/** Throws AppError invalid when a carrier would not take it. */
export function requireBody(body: string, param = 'message'): void {
  if (body.trim() === '') throw new AppError('invalid', 'missing_field', `${param} is required.`, { param })
  const { length } = [...body]
  if (length <= longestBody) return
  const sentence = `${param} has ${length} characters; a text may have ${longestBody}.`
  throw new AppError('invalid', 'message_too_long', sentence, { param })
}

/** What a gate says of one text: what to send, or why it must not be sent any more. */
export type GateAnswer = { send: true; body: string } | { send: false; reason: string }

/**
 * Asked for all texts of a kind that a claim is about to take, in its transaction: still wanted, and with what body? The
 * answers are in the order of the texts. It must be quick, and must not change rows that other transactions lock first.
 */
export type TextGate = (tx: Tx, texts: readonly Text[], now: Date) => Promise<GateAnswer[]>
export type TextGates = Partial<Record<TextKind, TextGate>>
