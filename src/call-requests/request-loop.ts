/** Keeps the promises of agreed calls: reminders, the call itself, its end, and the fees of cancellations. */
import type { Payments } from '../accounts/payment.ts'
import { findPaymentMeans } from '../accounts/verification-store.ts'
import type { ReportWriter } from '../calls/report-writer.ts'
import type { RoomNames } from '../calls/room.ts'
import { CarrierAway, type Carrier } from '../carriers/carrier.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import { farewellTwiml } from '../carriers/twiml.ts'
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import { transaction, type Sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import type { QueueText } from '../messages/text-queue.ts'
import { remind, takeStep, type Afterwards, type StepContext } from './request-steps.ts'
import { lockRequest, type RequestName } from './request-store.ts'
import { nextDue, settleFee, takeFees, takeReminders, takeSteps } from './timer-store.ts'

export type RequestLoopDeps = {
  sql: Sql
  clock: Clock
  log: Log
  queueText: QueueText
  callerIds: () => Promise<CallerIds>
  carrierAccountId: number
  carrier: Pick<Carrier, 'participants' | 'instruct'>
  roomName: RoomNames
  writer: Pick<ReportWriter, 'write'>
  payments: Payments
}

export type RequestLoop = {
  start(): void
  stop(): Promise<void>
  /** Does what is due, up to a bound, and returns how much it did. */
  runOnce(now: Date): Promise<number>
}

const perTurn = 100
/** Promises made and clocks moved by other processes are seen after so long at the latest. */
const longestPauseMs = 500
const mostChargeAttempts = 20

export function createRequestLoop(deps: RequestLoopDeps): RequestLoop {
  const loop = createLoop({ name: 'call requests', log: deps.log, turn })
  const background = new Set<Promise<void>>()

  async function runOnce(now: Date): Promise<number> {
    const from = await deps.callerIds().then(
      (ids) => ids.chosen,
      () => null,
    )
    // Without a number to call from nothing can be sent or rung yet; it is late then, not lost.
    if (from === null) return 0
    const reminded = await remindDue(now, from)
    const stepped = await stepDue(now, from)
    return reminded + stepped + (await chargeDue())
  }

  /** A reminder and the note that it was written commit together: it is neither lost nor written twice. */
  function remindDue(now: Date, from: string): Promise<number> {
    return transaction(deps.sql, async (tx) => {
      const due = await takeReminders(tx, now, perTurn)
      if (due.length > 0) await remind(tx, due, { ...deps, now, from })
      return due.length
    })
  }

  /** One request per transaction: what a step tells has to be the last thing that its transaction does. */
  async function stepDue(now: Date, from: string): Promise<number> {
    const context = { ...deps, now, from }
    let count = 0
    for (; count < perTurn; count += 1) {
      const taken = await transaction(deps.sql, async (tx) => {
        const [name] = await takeSteps(tx, now, 1)
        return name === undefined ? null : { name, after: await takeStep(tx, name, context) }
      })
      if (taken === null) break
      await hangUp(taken.name, taken.after, now)
      inBackground(finish(taken.name, taken.after, context))
    }
    return count
  }

  async function hangUp({ workspaceId }: RequestName, after: Afterwards, at: Date): Promise<void> {
    for (const callId of after.hangUp) {
      const news = { kind: 'hang_up' as const, reason: 'agreed_call_over' }
      await deps.writer.write({ workspaceId, callId, source: 'dialer', at, news })
    }
  }

  /** A carrier that answers slowly keeps nobody's reminder waiting. */
  function inBackground(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => deps.log.error({ err: error }, 'call requests: the carrier was not asked'))
      .finally(() => background.delete(settled))
    background.add(settled)
  }

  /** What a step needs of the carrier. Whatever a crash or a silent carrier leaves undone is asked for by a later step. */
  async function finish(name: RequestName, after: Afterwards, context: StepContext): Promise<void> {
    const farewells = after.farewells.map(({ sid, words }) =>
      deps.carrier.instruct(sid, farewellTwiml(words)).catch(ignoreAway),
    )
    await Promise.all(farewells)
    const { look } = after
    if (look === null) return
    const room = deps.roomName({ workspaceId: name.workspaceId, name: look.room })
    const present = (await deps.carrier.participants(room).catch(ignoreAway)) ?? []
    if (!look.sids.every((sid) => present.includes(sid))) return
    await transaction(deps.sql, async (tx) => {
      await lockRequest(tx, name)
      await takeStep(tx, name, { ...context, together: true })
    })
  }

  async function chargeDue(): Promise<number> {
    const fees = await takeFees(deps.sql, 10)
    for (const fee of fees) {
      const means = await findPaymentMeans(deps.sql, fee)
      const { customer = null, paymentMethod = null } = means ?? {}
      if (paymentMethod === null) {
        await settleFee(deps.sql, fee, { state: 'failed', chargeId: null, reason: 'no_payment_method' })
        continue
      }
      const charged = await deps.payments.charge({
        amount: fee.amount,
        currency: fee.currency,
        customer,
        paymentMethod,
        description: `Cancellation of call request ${fee.requestId}`,
        idempotencyKey: `cancellation-${fee.workspaceId}-${fee.requestId}`,
      })
      if (charged.charged) {
        await settleFee(deps.sql, fee, { state: 'charged', chargeId: charged.id, reason: null })
      } else {
        const over = charged.when === 'never' || fee.attempts >= mostChargeAttempts
        deps.log.warn({ requestId: fee.requestId, reason: charged.reason }, 'cancellation fee not charged')
        const { reason } = charged
        await settleFee(deps.sql, fee, { state: over ? 'failed' : 'due', chargeId: null, reason })
      }
    }
    return fees.length
  }

  async function turn(): Promise<number> {
    const done = await runOnce(deps.clock.now())
    const due = done >= perTurn ? deps.clock.now() : await nextDue(deps.sql)
    if (due === null) return longestPauseMs
    return Math.min(longestPauseMs, Math.max(20, due.getTime() - deps.clock.now().getTime()))
  }

  return {
    runOnce,
    start: loop.start,
    async stop() {
      await loop.stop()
      await Promise.all(background)
    },
  }
}

function ignoreAway(error: unknown): null {
  if (error instanceof CarrierAway) return null
  throw error
}
