/** Finishes what was begun with numbers and whose process is gone, and charges their months. */
import { findSettings } from '../accounts/workspace-store.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import { settleCredits } from '../credits/credit-store.ts'
import { createLoop } from '../db/loop.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import type { Log } from '../log.ts'
import type { NumberKeeper } from './number-keeper.ts'
import { lockUnpaid, savePaidUntil, unsettled, type Unsettled } from './number-intent-store.ts'
import { creditSubject, monthAfter, rateOf } from './owned-number.ts'
import { dropOldSeen } from './owned-number-store.ts'

export type NumberLoopDeps = {
  sql: Sql
  carrierAccountId: number
  clock: Clock
  log: Log
  keeper: NumberKeeper
  /** Whether the process of a worker is known to be gone. */
  isGone: (workerId: number) => Promise<boolean>
  /** A request that was written may be acted on this much later: before, absence proves nothing. Milliseconds. */
  absentAfterMs?: number
}

export type NumberLoop = {
  start(): void
  stop(): Promise<void>
  /** One round. */
  runOnce(): Promise<void>
}

const everyMs = 1_000
/** No request takes longer: whoever began it has written down by then what came of it. */
const longestRequestMs = 45_000
const perRound = 100

export function createNumberLoop(deps: NumberLoopDeps): NumberLoop {
  const { sql, carrierAccountId, clock, keeper } = deps
  const absentAfterMs = deps.absentAfterMs ?? 30_000
  let rounds = 0
  const loop = createLoop({ name: 'numbers', log: deps.log, turn: () => runOnce().then(() => everyMs) })

  async function runOnce(): Promise<void> {
    const waiting = await unsettled(sql, carrierAccountId, perRound)
    for (const number of waiting) await settle(number)
    while ((await chargeMonths()) === perRound);
    if (rounds++ % 600 === 0) await dropOldSeen(sql, clock.now())
    await keeper.accountNumbers()
  }

  async function settle(number: Unsettled): Promise<void> {
    if (number.state === 'pending') return keeper.lookAgain(number)
    const isOrphan = number.owner !== null && (await deps.isGone(number.owner))
    if (!isOrphan && number.askedMsAgo < longestRequestMs) return
    if (number.state === 'releasing') return void (await keeper.giveBack(number).catch(ignoreAway))
    const found = await keeper.find(number)
    if (found === 'absent' && number.askedMsAgo > absentAfterMs)
      await keeper.recordNotBought(number, 'not_bought')
  }

  async function chargeMonths(): Promise<number> {
    const now = clock.now()
    return transaction(sql, async (tx) => {
      const due = await lockUnpaid(tx, carrierAccountId, { now, limit: perRound })
      const usages = []
      for (const number of due) {
        const cost = rateOf(number, await findSettings(tx, number.workspaceId))
        usages.push({ ...creditSubject(number), cost, ends: true })
        await savePaidUntil(tx, number, monthAfter(number.paidUntil))
      }
      await settleCredits(tx, usages, now)
      const events = [{ kind: 'credits.changed', visibleTo: null, data: {} }]
      const workspaces = due.map(({ workspaceId }) => ({ workspaceId, totals: [], events }))
      await closeBatch(tx, { now, workspaces })
      return due.length
    })
  }

  return { runOnce, start: loop.start, stop: loop.stop }
}

function ignoreAway(error: unknown): void {
  if (!(error instanceof CarrierAway)) throw error
}
