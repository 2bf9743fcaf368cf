/**
 * Finds out what became of texts nobody reports on: attempts of processes that are gone, unclear answers, lost webhooks.
 * What it learns goes through the same writer as everything else.
 */
import { isSameNumber } from '../carriers/twilio-answers.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import type { Sql } from '../db/sql.ts'
import type { Carrier, CarrierText } from '../carriers/carrier.ts'
import { atMost, createCarrierQuestions } from './carrier-questions.ts'
import type { HashBody } from '../messages/body-hash.ts'
import type { TextNews, TextSource } from '../messages/text-report.ts'
import type { TextKey } from '../messages/text-store.ts'
import type { TextWriter } from '../messages/text-writer.ts'
import { unknownLook } from './reconcile.ts'
import { nextLookMs, ownText, type TextPatience } from './text-reconcile.ts'
import * as store from './text-reconcile-store.ts'
import type { Worker } from './worker.ts'

export type TextReconcileDeps = {
  sql: Sql
  carrierAccountId: number
  carrier: Carrier
  writer: TextWriter
  worker: Worker
  clock: Clock
  log: Log
  hashBody: HashBody
  unknownAfterMs: number
  /** Whether a workspace keeps attempts that cannot be found for a person to decide. */
  holdsUnknown: (settings: unknown) => boolean
  /** Whether this process is at work on an attempt: then its answer is still to come. */
  isSending: (textId: string) => boolean
  patience: TextPatience
}

export type TextReconcileLoop = { start(): void; stop(): Promise<void>; runOnce(): Promise<void> }

const everyMs = 500
const looksAtOnce = 16
const perTick = 2_000
/** A text the carrier does not know under its own id is looked for in the list after this many looks. */
const looksBeforeList = 2
const looksBeforeLost = 6

/** Of an unknown text: watched by this process without a break since then. Monotonic milliseconds. */
type Watch = { sinceMs: number; looks: number; lastLookMs: number }

export function createTextReconcileLoop(deps: TextReconcileDeps): TextReconcileLoop {
  const { patience } = deps
  const watches = new Map<string, Watch>()
  const questions = createCarrierQuestions(deps.log)
  let stopping = false
  const loop = createLoop({
    name: 'reconciliation of texts',
    log: deps.log,
    turn: () => runOnce().then(() => everyMs),
  })

  async function runOnce(): Promise<void> {
    const workerId = deps.worker.current()
    const orphans = await store.orphanedTexts(deps.sql, deps.carrierAccountId)
    await Promise.all(orphans.map((key) => tell(key, 'dialer', { kind: 'unclear', reason: 'process_gone' })))
    if (workerId === null) return
    questions.begin()
    const texts = await store.textsToLookAt(deps.sql, {
      carrierAccountId: deps.carrierAccountId,
      workerId,
      limit: perTick,
    })
    const unknown = new Set(texts.filter((text) => text.state === 'unknown').map((text) => text.textId))
    for (const textId of watches.keys()) if (!unknown.has(textId)) watches.delete(textId)
    await atMost(looksAtOnce, texts, lookAt)
  }

  async function lookAt(text: store.LiveText): Promise<void> {
    if (stopping) return
    if (text.state === 'sending') return lookAtUnsent(text)
    if (text.state === 'unknown') return lookForUnknown(text)
    if (text.silentMs >= patience.overdueMs) return tell(text, 'poll', { kind: 'overdue' })
    await questions.ask(() => fetchText(text))
  }

  /**
   * An attempt of this very process that it knows nothing of: the claim was committed, but the answer to the commit was
   * lost; or the carrier's answer could not be written. Whether a request went out can no longer be told.
   */
  async function lookAtUnsent(text: store.LiveText): Promise<void> {
    if (!deps.isSending(text.textId)) await tell(text, 'dialer', { kind: 'unclear', reason: 'answer_lost' })
  }

  async function lookForUnknown(text: store.LiveText): Promise<void> {
    const nowMs = performance.now()
    const watch = watches.get(text.textId) ?? { sinceMs: nowMs, looks: 0, lastLookMs: 0 }
    watches.set(text.textId, watch)
    const { due, last } = unknownLook(watch, nowMs, {
      lookAfterMs: patience.lookAfterMs,
      unknownAfterMs: deps.unknownAfterMs,
    })
    if (!due) return
    watch.lastLookMs = nowMs
    await questions.ask(async () => {
      const found = await findInList(text)
      watch.looks += 1
      if (found) return tell(text, 'list', progressOf(found))
      if (last) await tell(text, 'list', { kind: 'absent', hold: deps.holdsUnknown(text.settings) })
    })
  }

  async function fetchText(text: store.LiveText): Promise<void> {
    const known = text.sid === null ? null : await deps.carrier.fetchText(text.sid)
    // A text to somebody else, or of other words, has the id of a wrong answer.
    if (
      known &&
      isSameNumber(known.to, text.to) &&
      isSameNumber(known.from, text.from) &&
      isItsBody(known, text)
    ) {
      const written = await write(text, 'poll', progressOf(known))
      if (written === 'known') await later(text)
      return
    }
    if (text.looks < looksBeforeList) return later(text)
    const found = await findInList(text)
    if (found) return tell(text, 'list', progressOf(found))
    if (text.looks < looksBeforeLost) return later(text)
    deps.log.error({ textId: text.textId, sid: text.sid }, 'the carrier does not know a text it accepted')
    const news = { kind: 'progress' as const, sid: text.sid ?? '', state: 'failed' as const }
    await tell(text, 'poll', { ...news, reason: 'unknown_to_carrier' })
  }

  /** Carriers let an account forget what a text said; then the two numbers must do. */
  function isItsBody(known: CarrierText, text: store.LiveText): boolean {
    return known.body === '' || deps.hashBody(known.body).toString('hex') === text.hash
  }

  async function findInList(text: store.LiveText): Promise<CarrierText | null> {
    const { to, from } = text
    const found = await deps.carrier.findTexts({ to, from, nowMs: deps.clock.wall().getTime() })
    const sids = found.texts.map((one) => one.sid)
    const bound = await store.textsBoundBetween(deps.sql, deps.carrierAccountId, { to, from, sids })
    const { own, others } = ownText(text, found, { bound, hashBody: deps.hashBody })
    for (const other of others)
      deps.log.error({ textId: text.textId, sid: other.sid }, 'a second identical text at the carrier')
    return own
  }

  function later(text: store.LiveText): Promise<void> {
    return store.lookLater(deps.sql, text, nextLookMs(patience, text.state, text.looks))
  }

  function write({ workspaceId, textId }: TextKey, source: TextSource, news: TextNews) {
    return deps.writer.write({ workspaceId, textId, source, at: deps.clock.now(), news })
  }

  async function tell(key: TextKey, source: TextSource, news: TextNews): Promise<void> {
    await write(key, source, news)
  }

  return {
    start: loop.start,
    async stop() {
      stopping = true
      await loop.stop()
    },
    runOnce,
  }
}

function progressOf(text: CarrierText): TextNews {
  const news: TextNews = { kind: 'progress', sid: text.sid, state: text.state }
  return text.reason === null ? news : { ...news, reason: text.reason }
}
