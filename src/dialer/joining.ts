/**
 * Joins an agent's phone, once it was answered, with the number the call was made for. Whether that number may be called
 * is asked in this moment, and the second call is an intent like any other: committed before the carrier hears of it.
 */
import { noContacts } from '../accounts/frequency-cap.ts'
import { closeBatch } from '../events/event-log.ts'
import type { Clock } from '../clock.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import type { CallName } from '../calls/call-reference.ts'
import { tellMoves } from '../calls/call-telling.ts'
import { isMagicNumber } from '../numbers/magic-number.ts'
import { zoneListOfNumber } from '../numbers/number-zone.ts'
import { uuidV7 } from '../random.ts'
import { contactsOf } from '../campaigns/contact-store.ts'
import { agreedRules } from './candidates.ts'
import { zonesOf } from './recipient-zones.ts'
import * as claims from './claim-store.ts'
import { dialRules } from './dial-rules.ts'
import { eligibility, type Eligibility } from './eligibility.ts'
import { insertJoined, lockJoining, type Joining, type Transfer } from './joining-store.ts'

/** `sentence` is what the agent hears when nobody is rung. */
export type Joined =
  { ok: true; call: CallName & { to: string; from: string } } | { ok: false; sentence: string }

export type JoiningDeps = { sql: Sql; clock: Clock; live: boolean }

/**
 * Asked again for the same call, it dials nobody: the carrier has had its answer. `transfer`: whom the call is joined
 * with, where it was not made for that.
 */
export async function joinCall(
  deps: JoiningDeps,
  name: CallName,
  transfer: Transfer | null = null,
): Promise<Joined> {
  return transaction(deps.sql, async (tx): Promise<Joined> => {
    const joining = await lockJoining(tx, name, transfer)
    if (joining === null || joining.joined) return { ok: false, sentence: sentenceFor('over') }
    const now = deps.clock.now()
    const verdict = await judge(tx, deps, joining, now)
    if (!verdict.ok) return { ok: false, sentence: sentenceFor(verdict.reason) }
    const call = await insertJoined(tx, joining, { id: uuidV7(now.getTime()), now })
    if (call === null) return { ok: false, sentence: sentenceFor('number_busy') }
    await closeBatch(tx, { now, workspaces: tellMoves([{ before: null, after: call }]) })
    const { workspaceId, toNumber: to, fromNumber: from } = call
    return { ok: true, call: { workspaceId, callId: call.id, to, from } }
  })
}

/** The same questions as before any other call. */
async function judge(tx: Tx, deps: JoiningDeps, joining: Joining, now: Date): Promise<Eligibility> {
  const { workspaceId, to, from } = joining
  const ofWorkspace = dialRules(joining.settings)
  const rules = joining.agreed ? agreedRules(ofWorkspace) : ofWorkspace
  const zones = zonesOf(zoneListOfNumber(to), rules)
  const [listed, busy, made] = await Promise.all([
    claims.doNotCall(tx, [{ workspaceId, to }]),
    claims.busyNumbers(tx, joining.carrierAccountId, [{ workspaceId, from, to }]),
    contactsOf(tx, [{ workspaceId, to, rules, zones }], now),
  ])
  return eligibility({
    now,
    rules,
    zones,
    onDoNotCallList: listed.size > 0,
    contacts: made.get(`${workspaceId} ${to}`) ?? noContacts,
    numberBusy: busy.size > 0,
    message: { ok: true },
    soundIsReady: true,
    magicNumberOnLiveCarrier: deps.live && isMagicNumber(to),
  })
}

function sentenceFor(reason: string): string {
  switch (reason) {
    case 'do_not_call':
      return 'This number is on the do not call list. Nobody was called.'
    case 'outside_window':
    case 'never_within_calling_hours':
      return 'It is outside the calling hours of this number now. Nobody was called.'
    case 'frequency_cap':
      return 'This number was contacted as often as it may be for now. Nobody was called.'
    case 'number_busy':
      return 'Somebody else is in a call with this number just now. Nobody was called.'
    case 'simulated_number':
      return 'This number exists on the simulated carrier only. Nobody was called.'
    default:
      return 'This call cannot be connected.'
  }
}
