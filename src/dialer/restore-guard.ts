/** Keeps a restored database from dialing: notices it at the start, sweeps, and waits for a person. */
import { CarrierAway } from '../carriers/carrier.ts'
import { createBeat, findHold, noticeRestore } from '../db/installation.ts'
import { createLoop } from '../db/loop.ts'
import type { Log } from '../log.ts'
import { sweep, type SweepDeps } from './restore-sweep.ts'
import { holdAccount } from './restore-store.ts'

export type RestoreGuard = {
  /** What an operator's tools are told of dialing; a hold as of a few seconds ago. */
  dialing(): { name: string; problem: string | null; note?: string }
  start(): void
  stop(): Promise<void>
}

const lookEveryMs = 5_000
const askAgainMs = 2_000

/** When it resolves, nothing is dialed any more if the database was restored. To be made before anything dials. */
export async function createRestoreGuard(
  deps: SweepDeps & { log: Log; dataDir: string },
): Promise<RestoreGuard> {
  const { sql, log, dataDir, dialer } = deps
  if (await noticeRestore(sql, dataDir))
    log.warn(
      { code: 'restored' },
      'the database was restored from a backup: nothing is dialed until it is let go',
    )
  let isHeld = (await findHold(sql)) !== null
  if (isHeld) await holdAccount(sql, dialer.carrierAccountId)

  async function look(): Promise<number> {
    const hold = await findHold(sql)
    isHeld = hold !== null
    if (hold === null || hold.sweptAt !== null) return lookEveryMs
    try {
      log.warn({ ...(await sweep(deps, hold)) }, 'the carrier was asked what it did since the backup')
    } catch (error) {
      if (!(error instanceof CarrierAway)) throw error
      log.warn({ reason: error.reason }, 'the carrier could not be asked what it did since the backup')
    }
    return askAgainMs
  }
  const loops = [
    createBeat({ sql, dataDir, log }),
    createLoop({ name: 'restore', log, turn: look, errorPauseMs: askAgainMs }),
  ]
  return {
    dialing: () => ({
      name: 'dialing',
      problem: dialer.worker.current() === null ? 'no worker holds its lock' : null,
      ...(isHeld ? { note: 'On hold: the database was restored from a backup (npx trunkline hold).' } : {}),
    }),
    start: () => loops.forEach((loop) => loop.start()),
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}
