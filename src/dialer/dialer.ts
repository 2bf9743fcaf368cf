/** Everything that dials, put together: one per process. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sql } from '../db/sql.ts'
import type { Carrier } from '../carriers/carrier.ts'
import { hookUrl, instructions, placeRequest } from '../calls/call-instructions.ts'
import type { CallName, References } from '../calls/call-reference.ts'
import { queueAgain } from '../calls/follow-up.ts'
import { createReportWriter, type ReportWriter } from '../calls/report-writer.ts'
import { recordNumberOutcomes } from '../campaigns/number-outcomes.ts'
import { upsertAccount } from './account-store.ts'
import { dialRules, holdsUnknown } from './dial-rules.ts'
import { createDialLoop, type DialLoop } from './dial-loop.ts'
import { createReconcileLoop, type ReconcileLoop } from './reconcile-loop.ts'
import type { Patience } from './reconcile.ts'
import { findSpoken } from './spoken-store.ts'
import { createWorker, type Worker } from './worker.ts'

export const dialChannel = 'trunkline_dial'

export type DialerOptions = {
  /** A pool of its own, so that no page can take the connections that webhooks and claims need. */
  sql: Sql
  databaseUrl: string
  carrier: Carrier
  clock: Clock
  log: Log
  references: References
  publicOrigin: () => string
  callsPerSecond: number
  maxConcurrentCalls: number
  unknownAfterMs: number
  workerName: string
  sweepStoppedRuns: (now: Date) => Promise<number>
  /** How long silence is borne before the carrier is asked; the usual patience when unset. */
  patience?: Patience
}

export type Dialer = {
  carrierAccountId: number
  writer: ReportWriter
  worker: Worker
  loop: DialLoop
  reconcile: ReconcileLoop
  instructionsFor(name: CallName): Promise<string | null>
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
    followers: [recordNumberOutcomes, queueAgain],
  })
  const worker = createWorker({
    databaseUrl: options.databaseUrl,
    name: options.workerName,
    log,
    onChange: () => loop.wake(),
  })
  const shared = { sql, carrierAccountId, carrier, writer, worker, clock, log }
  const loop: DialLoop = createDialLoop({
    ...shared,
    live: carrier.live,
    readRules: dialRules,
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
  let unlisten: (() => Promise<void>) | null = null
  return {
    carrierAccountId,
    writer,
    worker,
    loop,
    reconcile,
    async instructionsFor(name) {
      const spoken = await findSpoken(sql, name)
      return spoken === null
        ? null
        : instructions(spoken, hookUrl(name, { references, publicOrigin: publicOrigin() }))
    },
    async start() {
      await worker.start()
      unlisten = (await sql.listen(dialChannel, () => loop.wake())).unlisten
      loop.start()
      reconcile.start()
    },
    async stop() {
      await reconcile.stop()
      await loop.stop()
      await writer.stop()
      await unlisten?.().catch(() => {})
      await worker.stop()
    },
  }
}
