/**
 * A database that was restored does not know what its carrier did since the backup. Before anybody is dialed again, the
 * carrier is asked for it all, and whoever was reached meanwhile is set aside, by name and with the reason.
 */
import type { Clock } from '../clock.ts'
import type { Carrier } from '../carriers/carrier.ts'
import type { Hold } from '../db/installation.ts'
import type { Sql } from '../db/sql.ts'
import type { HashBody } from '../messages/body-hash.ts'
import type { Dialer } from './dialer.ts'
import * as store from './restore-store.ts'

export type SweepDeps = {
  sql: Sql
  clock: Clock
  carrier: Carrier
  dialer: Pick<Dialer, 'carrierAccountId' | 'writer' | 'textWriter' | 'worker'>
  hashBody: HashBody
}

/** The carrier's clock and ours differ, and a call is listed a moment after it was accepted. */
const marginMs = 5 * 60_000
/** What a backup that knows no moment may be behind at most. */
const longestMs = 30 * 24 * 3_600_000
const reason = 'reached_before_restore'

export async function sweep(deps: SweepDeps, hold: Hold): Promise<{ unknown: number; setAside: number }> {
  const { sql, carrier, dialer } = deps
  const account = dialer.carrierAccountId
  const since = new Date((hold.from?.getTime() ?? hold.since.getTime() - longestMs) - marginMs)
  const [calls, texts] = await Promise.all([carrier.callsSince(since), carrier.textsSince(since)])
  const open = new Set((await store.openPairs(sql, account)).map(pairKey))
  const unknown = async <One extends { sid: string; to: string; from: string }>(
    some: One[],
  ): Promise<One[]> => {
    const known = await store.knownSids(
      sql,
      account,
      some.map(({ sid }) => sid),
    )
    return some.filter((one) => !known.has(one.sid) && !open.has(pairKey(one)))
  }
  const [strangeCalls, strangeTexts] = [await unknown(calls), await unknown(texts)]
  const found = {
    unknown: strangeCalls.length + strangeTexts.length,
    setAside:
      (await setAside(deps, { service: 'PHONE', numbers: strangeCalls.map(({ to }) => to) })) +
      (await setAside(deps, { service: 'SMS', numbers: strangeTexts.map(({ to }) => to) })) +
      (await dropCalls(
        deps,
        strangeCalls.map(({ to }) => to),
      )) +
      (await dropTexts(deps, strangeTexts)),
  }
  await store.writeSwept(sql, found)
  return found
}

function setAside(
  { sql, clock }: SweepDeps,
  reached: { service: 'PHONE' | 'SMS'; numbers: string[] },
): Promise<number> {
  return store.setNumbersAside(sql, { ...reached, now: clock.now() })
}

async function dropCalls({ sql, clock, dialer }: SweepDeps, numbers: string[]): Promise<number> {
  const waiting = await store.waitingCallsTo(sql, dialer.carrierAccountId, numbers)
  for (const { workspaceId, id: callId } of waiting) {
    const news = { kind: 'dropped', reason } as const
    await dialer.writer.insist({ workspaceId, callId, source: 'dialer', at: clock.now(), news })
  }
  return waiting.length
}

async function dropTexts(
  { sql, clock, dialer, hashBody }: SweepDeps,
  sent: readonly { to: string; body: string }[],
): Promise<number> {
  const alike = sent.map(({ to, body }) => ({ to, bodyHash: hashBody(body) }))
  const waiting = await store.waitingTextsLike(sql, dialer.carrierAccountId, alike)
  for (const { workspaceId, id: textId } of waiting) {
    const news = { kind: 'dropped', reason } as const
    await dialer.textWriter.insist({ workspaceId, textId, source: 'dialer', at: clock.now(), news })
  }
  return waiting.length
}

function pairKey({ to, from }: store.Pair): string {
  return `${to} ${from}`
}
