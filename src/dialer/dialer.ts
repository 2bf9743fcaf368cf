/** Everything that dials, put together: one per process. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sql } from '../db/sql.ts'
import { createCarrierWatch, type CarrierWatch } from './carrier-watch.ts'
import type { Carrier } from '../carriers/carrier.ts'
import { farewellTwiml } from '../carriers/twiml.ts'
import { hookUrl, instructions, joinInstructions, placeRequest } from '../calls/call-instructions.ts'
import type { CallName, References } from '../calls/call-reference.ts'
import { settleCalls } from '../calls/call-credits.ts'
import { queueAgain } from '../calls/follow-up.ts'
import { obeyOptOuts } from '../calls/opt-outs.ts'
import { createReportWriter, type ReportWriter } from '../calls/report-writer.ts'
import type { HashBody } from '../messages/body-hash.ts'
import { settleTexts } from '../messages/text-credits.ts'
import { queueTextsAgain } from '../messages/text-follow-up.ts'
import type { TextGates } from '../messages/text-queue.ts'
import type { TextReferences } from '../messages/text-reference.ts'
import { createTextWriter, type TextFollower, type TextWriter } from '../messages/text-writer.ts'
import { recordDialedCalls } from '../call-plans/dialed-calls.ts'
import { recordTextOutcomes } from '../campaigns/text-outcomes.ts'
import { recordNumberOutcomes } from '../campaigns/number-outcomes.ts'
import type { AudioAddresses, AudioName } from '../speech/audio-address.ts'
import type { OtpCodes } from '../otp/otp-code.ts'
import { otpGate } from '../otp/otp-gate.ts'
import { upsertAccount } from './account-store.ts'
import { answerKey } from './answer-key.ts'
import { dialRules, holdsUnknown } from './dial-rules.ts'
import { allowedForMs, createDialLoop, type DialLoop } from './dial-loop.ts'
import { joinCall } from './joining.ts'
import { createHalted, doNotCallChannel, type Halted } from './halted.ts'
import { createReconcileLoop, type ReconcileLoop } from './reconcile-loop.ts'
import type { Patience } from './reconcile.ts'
import { findSpoken } from './spoken-store.ts'
import { createTextLoop, type TextLoop } from './text-loop.ts'
import { textPatienceWithin, textSilenceMs, type TextPatience } from './text-reconcile.ts'
import { createTextReconcileLoop, type TextReconcileLoop } from './text-reconcile-loop.ts'
import { createWorker, type Worker } from './worker.ts'

export const dialChannel = 'trunkline_dial'
export const textChannel = 'trunkline_texts'

export type DialerOptions = {
  /** A pool of its own, so that no page can take the connections that webhooks and claims need. */
  sql: Sql
  databaseUrl: string
  carrier: Carrier
  clock: Clock
  log: Log
  references: References
  publicOrigin: () => string
  /** Where carriers fetch sound. */
  addresses: AudioAddresses
  callsPerSecond: number
  maxConcurrentCalls: number
  unknownAfterMs: number
  workerName: string
  sweepStoppedRuns: (now: Date) => Promise<number>
  texts: TextOptions
  otpCodes: OtpCodes
  /** How long silence is borne before the carrier is asked; the usual patience when unset. */
  patience?: Patience
}

export type TextOptions = {
  references: TextReferences
  hashBody: HashBody
  /** What each kind of text is asked in the moment of sending; none unless said. */
  gates?: TextGates
  /** What follows from moved texts, beside the numbers of campaigns; nothing unless said. */
  followers?: readonly TextFollower[]
  patience?: TextPatience
}

export type Dialer = {
  carrierAccountId: number
  writer: ReportWriter
  worker: Worker
  loop: DialLoop
  reconcile: ReconcileLoop
  textWriter: TextWriter
  textLoop: TextLoop
  textReconcile: TextReconcileLoop
  instructionsFor(name: CallName): Promise<string | null>
  /** What is heard once a key was pressed and kept. */
  answerKey(name: CallName, digits: string): Promise<string>
  start(): Promise<void>
  /** Gives back what was not sent, waits for what was, and writes everything down. */
  stop(): Promise<void>
}

export async function createDialer(options: DialerOptions): Promise<Dialer> {
  const { sql, carrier, clock, log, references, publicOrigin } = options
  const carrierAccountId = await upsertAccount(sql, {
    accountSid: carrier.accountSid,
    callsPerSecond: options.callsPerSecond,
    maxConcurrentCalls: options.maxConcurrentCalls,
  })
  const writer = createReportWriter({
    sql,
    log,
    carrierAccountId,
    followers: [recordNumberOutcomes, queueAgain, settleCalls, recordDialedCalls, obeyOptOuts],
  })
  const soundPath = (name: AudioName) => options.addresses.path(name, clock.wall())
  const worker = createWorker({
    databaseUrl: options.databaseUrl,
    name: options.workerName,
    log,
    onChange: () => {
      loop.wake()
      texts.loop.wake()
    },
  })
  const halted = createHalted(allowedForMs)
  const watch = createCarrierWatch({ sql, carrierAccountId, log })
  const shared = { sql, carrierAccountId, carrier, writer, watch, worker, clock, log, halted }
  const loop: DialLoop = createDialLoop({
    ...shared,
    live: carrier.live,
    soundPath,
    readRules: dialRules,
    otpCodes: options.otpCodes,
    requestFor: (intent) => placeRequest(intent, { references, publicOrigin: publicOrigin() }),
    mostInFlight: options.maxConcurrentCalls,
    sweepStoppedRuns: options.sweepStoppedRuns,
  })
  const reconcile = createReconcileLoop({
    ...shared,
    unknownAfterMs: options.unknownAfterMs,
    holdsUnknown,
    isSending: (callId) => loop.isSending(callId),
    ...(options.patience ? { patience: options.patience } : {}),
  })
  const texts = createTexting(options, { ...shared, holdsUnknown })
  const unlisten: (() => Promise<void>)[] = []
  return {
    carrierAccountId,
    writer,
    worker,
    loop,
    reconcile,
    textWriter: texts.writer,
    textLoop: texts.loop,
    textReconcile: texts.reconcile,
    async instructionsFor(name) {
      const say = { codes: options.otpCodes, now: clock.now(), soundPath }
      const spoken = await findSpoken(sql, name, say)
      if (spoken === null) return null
      const hooks = { references, publicOrigin: publicOrigin() }
      if (spoken.joins === null) return instructions({ ...name, ...spoken }, hooks)
      const joined = await joinCall({ sql, clock, live: carrier.live }, name)
      return joined.ok
        ? joinInstructions(joined.call, hookUrl(joined.call, hooks))
        : farewellTwiml(joined.sentence)
    },
    answerKey: (name, digits) =>
      answerKey(
        { sql, clock, live: carrier.live, references, publicOrigin: publicOrigin(), soundPath },
        { name, digits },
      ),
    async start() {
      await worker.start()
      const wakened = [
        [dialChannel, loop],
        [textChannel, texts.loop],
        // A run that begins may be one of texts.
        [dialChannel, texts.loop],
      ] as const
      for (const [channel, one] of wakened) {
        const hear = (haltedRun: string): void => {
          if (haltedRun !== '') halted.haltRun(Number(haltedRun))
          one.wake()
        }
        unlisten.push((await sql.listen(channel, hear)).unlisten)
      }
      unlisten.push((await sql.listen(doNotCallChannel, halted.hearOptOut)).unlisten)
      loop.start()
      reconcile.start()
      texts.loop.start()
      texts.reconcile.start()
    },
    async stop() {
      await Promise.all([reconcile.stop(), texts.reconcile.stop()])
      await Promise.all([loop.stop(), texts.loop.stop()])
      await Promise.all([writer.stop(), texts.writer.stop()])
      for (const stopListening of unlisten) await stopListening().catch(() => {})
      await worker.stop()
    },
  }
}

type Shared = {
  sql: Sql
  carrierAccountId: number
  carrier: Carrier
  watch: CarrierWatch
  worker: Worker
  clock: Clock
  log: Log
  halted: Halted
  holdsUnknown: (settings: unknown) => boolean
}

/** The same for texts: a writer and two loops beside those of calls, under the same worker and on the same budget. */
function createTexting(
  { texts, otpCodes, publicOrigin, maxConcurrentCalls, unknownAfterMs }: DialerOptions,
  { sql, carrierAccountId, carrier, watch, worker, clock, log, halted, holdsUnknown: holds }: Shared,
): { writer: TextWriter; loop: TextLoop; reconcile: TextReconcileLoop } {
  const patience = texts.patience ?? textPatienceWithin(unknownAfterMs)
  const writer = createTextWriter({
    sql,
    log,
    carrierAccountId,
    silenceMs: (state) => textSilenceMs(patience, state),
    followers: [queueTextsAgain, recordTextOutcomes, ...(texts.followers ?? []), settleTexts],
  })
  const shared = {
    sql,
    carrierAccountId,
    carrier,
    writer,
    watch,
    worker,
    clock,
    log,
    halted,
    hashBody: texts.hashBody,
  }
  const loop = createTextLoop({
    ...shared,
    live: carrier.live,
    readRules: dialRules,
    gates: { otp: otpGate(otpCodes), ...texts.gates },
    intentSilenceMs: textSilenceMs(patience, 'sending'),
    statusCallbackUrl: (text) => `${publicOrigin()}/hooks/sms/${texts.references.encode(text)}/status`,
    mostInFlight: Math.max(20, Math.min(maxConcurrentCalls, 500)),
  })
  const reconcile = createTextReconcileLoop({
    ...shared,
    unknownAfterMs,
    holdsUnknown: holds,
    isSending: (textId) => loop.isSending(textId),
    patience,
  })
  return { writer, loop, reconcile }
}
