/** Puts codes into the texts and calls that carry them, in the moment of sending and nowhere else. */
import type { Queryable } from '../db/sql.ts'
import type { TextGate } from '../messages/text-queue.ts'
import { spokenMessage, writtenMessage, type OtpCodes } from './otp-code.ts'
import { findCodes, type Otp } from './otp-store.ts'

/** The gate of texts that carry a code: one that counts no more is not sent. A text that names no code is sent as it is. */
export function otpGate(codes: OtpCodes): TextGate {
  return async (tx, texts, now) => {
    const keys = texts.flatMap(({ workspaceId, subject }) =>
      subject === null ? [] : [{ workspaceId, id: subject }],
    )
    const found = await findCodes(tx, keys)
    return texts.map((text) => {
      if (text.subject === null) return { send: true, body: text.body }
      const otp = found.get(text.subject)
      if (otp === undefined || !isLive(otp, now)) return { send: false, reason: 'otp_over' }
      return { send: true, body: writtenMessage(text.body, codes.codeOf(otp)) }
    })
  }
}

type SpeakingCall = { workspaceId: number; id: string; otpId: string | null; message: string | null }

/** What each call that carries a code says, by the id of the call; null when its code counts no more. */
export async function spokenOtps(
  sql: Queryable,
  calls: readonly SpeakingCall[],
  { codes, now }: { codes: OtpCodes | null; now: Date },
): Promise<Map<string, string | null>> {
  const keys = calls.flatMap(({ workspaceId, otpId }) => (otpId === null ? [] : [{ workspaceId, id: otpId }]))
  if (keys.length === 0) return new Map()
  const found = await findCodes(sql, keys)
  return new Map(
    calls.flatMap(({ id, otpId, message }): [string, string | null][] => {
      if (otpId === null) return []
      const otp = found.get(otpId)
      const says = codes !== null && otp !== undefined && isLive(otp, now)
      return [[id, says ? spokenMessage(message ?? '', codes.codeOf(otp)) : null]]
    }),
  )
}

function isLive(otp: Otp, now: Date): boolean {
  return otp.closedAt === null && otp.expiresAt > now
}
