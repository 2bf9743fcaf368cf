/**
 * Buys numbers and gives them back. What is to happen is committed before the carrier is asked, so that whoever comes
 * after a crash knows what was under way; a carrier never sells a number twice, so its own list tells what became of it.
 */
import { findSettings } from '../accounts/workspace-store.ts'
import { createNumberList, type AccountNumbers, type CallerIds } from '../carriers/caller-ids.ts'
import { CarrierAway, type Carrier, type CarrierNumber, type NumberSearch } from '../carriers/carrier.ts'
import type { Clock } from '../clock.ts'
import { releaseCredits, settleCredits } from '../credits/credit-store.ts'
import { transaction, type Sql, type Tx } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import { countryOf } from './numbering-plan.ts'
import { creditSubject, isOwned, monthAfter, sidOf, type PhoneNumber } from './owned-number.ts'
import { holdRate, rateIn } from './number-credit.ts'
import * as refusals from './number-refusals.ts'
import * as store from './owned-number-store.ts'
import * as intents from './number-intent-store.ts'

export type KeeperDeps = {
  sql: Sql
  carrier: Carrier
  carrierAccountId: number
  clock: Clock
  sidKey: Buffer
  /** CALLER_ID: what is shown when nothing else was chosen. */
  configured: string | null
  /** The worker whose lock says that this process lives; null when it has none. */
  worker: () => number | null
  /** Says, in words for people, what still uses a number; null when nothing does. The number is locked. */
  usedBy: (tx: Tx, number: PhoneNumber) => Promise<string | null>
}

export type NumberKeeper = ReturnType<typeof createNumberKeeper>

/** How a purchase stands after it was asked for. */
export type Bought = 'owned' | 'taken' | 'refused' | 'unclear' | { unavailableForMs: number | null }

export function createNumberKeeper(deps: KeeperDeps) {
  const { sql, carrier, carrierAccountId, clock } = deps
  const account = createNumberList(carrier)
  let stored: AccountNumbers | null = null
  const sid = (workspaceId: number, number: string) => sidOf(deps.sidKey, workspaceId, number)

  /** What the carrier says of its account, stored when it is news; null while it cannot be asked and nothing is known. */
  async function accountNumbers(): Promise<AccountNumbers | null> {
    const numbers = await account.read()
    if (numbers === null || numbers === stored) return numbers
    if (await storeFound(numbers.owned)) stored = numbers
    return numbers
  }

  /** False when there was nobody yet to own them. */
  async function storeFound(found: readonly CarrierNumber[]): Promise<boolean> {
    const now = clock.now()
    const known = await store.ownedAt(sql, carrierAccountId)
    const byNumber = new Map(known.map((one) => [one.number, one]))
    let all = true
    await transaction(sql, (tx) => store.refreshOwned(tx, carrierAccountId, found))
    for (const one of found) {
      const owner = byNumber.get(one.number)
      if (owner?.state === 'buying') await recordBought(owner, one)
      if (owner !== undefined) continue
      const place = { carrierAccountId, sidOf: (id: number) => sid(id, one.number), now }
      const named = { ...one, country: countryOf(one.number) ?? '' }
      all = (await transaction(sql, (tx) => store.adopt(tx, place, named))) && all
    }
    const listed = new Set(found.map((one) => one.number))
    for (const one of known) if (isOwned(one.state) && !listed.has(one.number)) await checkGone(one)
    return all
  }

  /** A number that is absent from the list was given back elsewhere, or was bought since the list was made. */
  async function checkGone(number: PhoneNumber): Promise<void> {
    const still = await carrier.findNumber(number.number).catch((error: unknown) => {
      if (error instanceof CarrierAway) return undefined
      throw error
    })
    if (still === null) await recordReleased(number, 'gone_at_carrier')
  }

  async function recordBought(number: PhoneNumber, bought: CarrierNumber): Promise<void> {
    const now = clock.now()
    await transaction(sql, async (tx) => {
      const price = await rateIn(tx, number)
      const paid = { now, paidUntil: monthAfter(now) }
      if (!(await intents.markOwned(tx, number, bought, paid))) return
      await settleCredits(tx, [{ ...creditSubject(number), cost: price, ends: true }], now)
      await tell(tx, number, now)
    })
    account.forget()
  }

  async function recordNotBought(number: PhoneNumber, reason: string): Promise<void> {
    const now = clock.now()
    await transaction(sql, async (tx) => {
      if (!(await intents.markSeen(tx, number, { from: ['buying'], reason }))) return
      await releaseCredits(tx, creditSubject(number), now)
      await tell(tx, number, now)
    })
  }

  async function recordReleased(number: PhoneNumber, reason: string | null): Promise<void> {
    const now = clock.now()
    await transaction(sql, async (tx) => {
      const from = ['owned', 'pending', 'releasing'] as const
      if (await intents.markSeen(tx, number, { from, reason })) await tell(tx, number, now)
    })
    account.forget()
  }

  /** The first of the four answers decides; an unclear one is looked up at once, because the person waits. */
  async function ask(number: PhoneNumber): Promise<Bought> {
    const wanted = { number: number.number, friendlyName: number.friendlyName }
    const purchase = await carrier.buyNumber(wanted)
    switch (purchase.outcome) {
      case 'bought':
        await recordBought(number, purchase.number)
        return 'owned'
      case 'unavailable':
        await recordNotBought(number, purchase.reason)
        return { unavailableForMs: purchase.retryAfterMs }
      case 'refused': {
        // Refused because the account has it already: then it was bought in a request whose answer never came.
        const isOurs = await find(number)
        if (isOurs === 'owned') return 'owned'
        await recordNotBought(number, purchase.reason)
        return purchase.reason === takenAtCarrier ? 'taken' : 'refused'
      }
      case 'unknown':
        return (await find(number)) === 'owned' ? 'owned' : 'unclear'
    }
  }

  /** Looks a number up at the carrier and stores it when it is there. */
  async function find(number: PhoneNumber): Promise<'owned' | 'absent' | 'unclear'> {
    try {
      const found = await carrier.findNumber(number.number)
      if (found === null) return 'absent'
      await recordBought(number, found)
      return 'owned'
    } catch (error) {
      if (error instanceof CarrierAway) return 'unclear'
      throw error
    }
  }

  return {
    accountNumbers,
    forget: account.forget,
    find,
    recordNotBought,
    recordReleased,
    sid,

    /** The numbers that calls and texts of a workspace may show. Throws `carrier_unavailable` (503) while none is known. */
    async callerIds(workspaceId: number): Promise<CallerIds> {
      const numbers = await accountNumbers()
      const owned = (await store.listOwned(sql, workspaceId, carrierAccountId))
        .filter((one) => one.state === 'owned')
        .map((one) => one.number)
      const shared = owned[0] ?? (await store.sharedNumber(sql, carrierAccountId))
      const chosen = deps.configured ?? shared
      if (chosen === null && numbers === null) throw refusals.carrierAway()
      return { owned, verified: numbers?.verified ?? [], chosen }
    },

    /** What any workspace may show: for work that goes over all of them. */
    async sharedCallerIds(): Promise<CallerIds> {
      await accountNumbers()
      const chosen = deps.configured ?? (await store.sharedNumber(sql, carrierAccountId))
      return { owned: [], verified: [], chosen }
    },

    /** Numbers for sale; null when the carrier sells none in the country. Rejects with CarrierAway. */
    async offered(workspaceId: number, search: NumberSearch): Promise<PhoneNumber[] | null> {
      const offered = await carrier.offeredNumbers(search)
      if (offered === null) return null
      const named = offered.map((one) => ({ ...one, sid: sid(workspaceId, one.number) }))
      await store.rememberOffered(sql, { workspaceId, carrierAccountId, now: clock.now() }, named)
      const sids = named.map((one) => one.sid)
      const seen = new Map((await store.listSeen(sql, workspaceId, sids)).map((one) => [one.sid, one]))
      return sids.flatMap((one) => seen.get(one) ?? [])
    },

    /** Commits that the number is to be bought. Throws AppError conflict when it has an owner or credit is short. */
    async intend(number: PhoneNumber, request: Buffer | null): Promise<'intended' | 'repeated'> {
      const now = clock.now()
      return transaction(sql, async (tx) => {
        const locked = await store.lockPhoneNumber(tx, number.workspaceId, number.sid)
        if (locked === null) throw new Error('a phone number vanished')
        if (locked.state !== 'seen') {
          if (request !== null && locked.request?.equals(request) === true) return 'repeated'
          throw refusals.ownedAlready(locked)
        }
        const settings = await findSettings(tx, number.workspaceId)
        const asking = { owner: deps.worker(), request }
        if (!(await intents.markBuying(tx, locked, asking))) throw refusals.taken(number.number)
        await holdRate(tx, locked, settings, now)
        return 'intended'
      })
    },
    ask,

    /** A country in which there is something for sale: the United States, else the first. Rejects with CarrierAway. */
    async someCountry(): Promise<string | null> {
      const sold = await carrier.countriesSold()
      return sold.includes('US') ? 'US' : (sold[0] ?? null)
    },

    /** Asks whether a pending number can be used by now. */
    async lookAgain(number: PhoneNumber): Promise<void> {
      const found = await carrier.findNumber(number.number).catch(() => null)
      if (found === null || found.isPending) return
      await transaction(sql, async (tx) => {
        await store.refreshOwned(tx, carrierAccountId, [found])
        await tell(tx, number, clock.now())
      })
    },

    /** Rejects with CarrierAway. */
    async rename(number: PhoneNumber, friendlyName: string): Promise<void> {
      if (!isOwned(number.state)) throw refusals.notOwned(number.number, number.state === 'buying')
      await carrier.renameNumber(number.carrierSid ?? '', friendlyName)
      await transaction(sql, async (tx) => {
        await store.saveFriendlyName(tx, number, friendlyName)
        await tell(tx, number, clock.now())
      })
      account.forget()
    },

    /** Commits that the number is to be given back. Throws AppError conflict while something uses it. */
    async intendRelease(number: PhoneNumber): Promise<void> {
      await transaction(sql, async (tx) => {
        const locked = await store.lockPhoneNumber(tx, number.workspaceId, number.sid)
        if (locked === null || !isOwned(locked.state))
          throw refusals.notOwned(number.number, locked?.state === 'buying')
        const user = await deps.usedBy(tx, locked)
        if (user !== null) throw refusals.inUse(number.number, user)
        await intents.markReleasing(tx, locked, deps.worker())
      })
    },

    /** Asks the carrier to take a number back. Rejects with CarrierAway; may be repeated. */
    async giveBack(number: PhoneNumber): Promise<'released' | 'kept'> {
      const answer = await carrier.releaseNumber(number.carrierSid ?? '')
      if (answer.outcome === 'released') {
        await recordReleased(number, null)
        return 'released'
      }
      await transaction(sql, async (tx) => {
        await intents.markKept(tx, number, answer.reason)
        await tell(tx, number, clock.now())
      })
      return 'kept'
    },
  }
}

const takenAtCarrier = 'carrier_21422'

async function tell(tx: Tx, number: PhoneNumber, now: Date): Promise<void> {
  const data = { phone_number: number.number, phone_sid: number.sid }
  const events = [
    { kind: 'phone_number.changed', visibleTo: null, data },
    { kind: 'credits.changed', visibleTo: null, data: {} },
  ]
  await closeBatch(tx, { now, workspaces: [{ workspaceId: number.workspaceId, totals: [], events }] })
}
