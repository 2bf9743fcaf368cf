/** Rings the phones of an agreed call, each by a call of its own that is taken to the same room. */
import { findSettings } from '../accounts/workspace-store.ts'
import { insertWaitingCall, wakeDialers } from '../calls/new-call-store.ts'
import type { Call } from '../calls/call.ts'
import { ringTimeoutSeconds } from '../calls/call-instructions.ts'
import { estimatedSpeechSeconds } from '../carriers/twiml.ts'
import type { Tx } from '../db/sql.ts'
import { readPhoneNumber } from '../numbers/phone-number.ts'
import { uuidV7 } from '../random.ts'
import { otherSide, type CallRequest, type Side } from './call-request.ts'
import { graceMs } from './call-step.ts'
import type { Parties } from './party-store.ts'
import { announcementWords } from './request-words.ts'
import { nameOf } from './request-letters.ts'
import { roomOf } from './timer-store.ts'

export type Rung = { ok: true; call: Call } | { ok: false; reason: string; absent: Side | null }

/** Writes the call to one party, to be dialed at once. Not ok: one of the two has no phone that can be rung. */
export async function ring(
  tx: Tx,
  request: CallRequest,
  ringing: { side: Side; parties: Parties; from: string; carrierAccountId: number; now: Date },
): Promise<Rung> {
  const { side, parties, from, carrierAccountId, now } = ringing
  const { workspaceId } = request
  const { defaultRegion } = await findSettings(tx, workspaceId)
  const hero = readPhoneNumber(parties.hero.phone, defaultRegion).e164
  const user = readPhoneNumber(parties.user.phone, defaultRegion).e164
  if (hero === null) return { ok: false, reason: 'hero_without_phone', absent: 'hero' }
  if (user === null) return { ok: false, reason: 'user_without_phone', absent: 'user' }
  if (hero === user) return { ok: false, reason: 'same_phone', absent: null }
  const message = announcementWords(request, side, parties[otherSide(side)])
  const call = await insertWaitingCall(
    tx,
    {
      to: side === 'hero' ? hero : user,
      from,
      customerName: `${nameOf(parties.hero)} and ${nameOf(parties.user)}`.slice(0, 200),
      agentId: null,
      message,
      voice: null,
      messageSeconds: estimatedSpeechSeconds(message),
      dueAt: now,
      scheduledFor: null,
    },
    {
      workspaceId,
      id: uuidV7(now.getTime()),
      carrierAccountId,
      createdBy: null,
      now,
      join: null,
      room: { name: roomOf(request), side, seconds: secondsInRoom(request, side) },
    },
  )
  await wakeDialers(tx)
  return { ok: true, call }
}

/** The hero is there first, while the user's phone rings and the user hears who calls. */
function secondsInRoom(request: CallRequest, side: Side): number {
  const together = request.estimatedLength * 60 + graceMs / 1_000
  return side === 'user' ? together : together + 2 * ringTimeoutSeconds
}
