/** One-time codes for every part of the product: one machinery, one set of limits, and codes of one use never serve another. */
import { findSettings } from '../accounts/workspace-store.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import { CarrierAway } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import type { Sql, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { WorkspaceBatch } from '../events/event-log.ts'
import { carrierAway } from '../numbers/number-refusals.ts'
import { isSameCode, type OtpUse } from './otp-code.ts'
import { mostTries } from './otp-limits.ts'
import { readNumber, readSend, type SendBody } from './otp-request.ts'
import { otpChanged, sendOtp, type SendDeps, type Sending, type SentOtp } from './otp-send.ts'
import * as store from './otp-store.ts'

export type PreparedCode = Omit<Sending, 'now'>

/** Which code is meant: the one of a number, or the one of an id. */
export type CodeName = { number?: string | number; otp_id?: string }

export type Verdict = { verified: boolean; attemptsLeft: number }

export type OneTimeCodes = {
  /** Before the transaction: reads what is asked for, and asks the carrier for the number to send from. */
  prepareCode(
    asked: { workspaceId: number; userId: string | null; use: OtpUse },
    body: SendBody,
  ): Promise<PreparedCode>
  /**
   * In a transaction. Throws too_many with its Retry-After beyond a limit, and conflict `do_not_call`; then nothing is
   * sent. The text or call goes out once the transaction has committed. `batch` belongs into the closeBatch that ends it.
   */
  sendCode(tx: Tx, prepared: PreparedCode): Promise<SentOtp>
  /**
   * In a transaction that must commit, whatever the verdict: a try counts whether it is right or not. Tries at one code
   * follow each other, and one right one closes it. `batch` belongs into the closeBatch that ends the transaction.
   */
  verifyCode(
    tx: Tx,
    asked: { workspaceId: number; use: OtpUse; code: CodeName },
    given: string,
  ): Promise<Verdict & { batch: WorkspaceBatch[] }>
}

export type OtpDeps = SendDeps & {
  sql: Sql
  clock: Clock
  carrierIsLive: boolean
  callerIds: (workspaceId: number) => Promise<CallerIds>
}

export function createOneTimeCodes(deps: OtpDeps): OneTimeCodes {
  const { sql, clock, carrierIsLive } = deps
  return {
    async prepareCode({ workspaceId, userId, use }, body) {
      const { defaultRegion, otpCountries } = await findSettings(sql, workspaceId)
      const wanted = readSend(body, { defaultRegion, otpCountries, carrierIsLive })
      const callerIds = await deps.callerIds(workspaceId).catch((error: unknown) => {
        throw error instanceof CarrierAway ? carrierAway() : error
      })
      return { workspaceId, userId, use, wanted, callerIds }
    },
    sendCode: (tx, prepared) => sendOtp(tx, deps, { ...prepared, now: clock.now() }),
    async verifyCode(tx, { workspaceId, use, code }, given) {
      const otp = await lockNamed(tx, { workspaceId, use, code })
      const now = clock.now()
      const left = otp === null ? -1 : mostTries - otp.attempts - 1
      if (otp === null || otp.closedAt !== null || otp.expiresAt <= now || left < 0)
        return { verified: false, attemptsLeft: 0, batch: [] }
      const verified = isSameCode(given.trim(), deps.codes.codeOf(otp))
      await store.saveTry(tx, otp, { isRight: verified, closes: left === 0 }, now)
      return { verified, attemptsLeft: verified ? 0 : left, batch: [otpChanged(otp)] }
    },
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

async function lockNamed(
  tx: Tx,
  { workspaceId, use, code }: { workspaceId: number; use: OtpUse; code: CodeName },
): Promise<store.Otp | null> {
  const id = code.otp_id?.trim() ?? ''
  if (id !== '') return uuid.test(id) ? store.lockCode(tx, workspaceId, { ...use, id }) : null
  if (code.number === undefined)
    throw new AppError('invalid', 'missing_field', 'number or otp_id is required.', { param: 'number' })
  const { defaultRegion } = await findSettings(tx, workspaceId)
  return store.lockOpenCode(tx, workspaceId, { ...use, number: readNumber(code.number, defaultRegion) })
}
