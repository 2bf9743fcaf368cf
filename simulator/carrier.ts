/** A telephone carrier that rings nobody: the HTTP interface of a real one, with simulated people behind it. */
import { callerNumber } from './account-resources.ts'
import { openCallBook } from './call-book.ts'
import { resumeCall } from './call-runner.ts'
import { departAfterwards } from './conference-call.ts'
import { openConferenceBook } from './conference.ts'
import { openDoor } from './door.ts'
import { NO_FAULTS, type FaultSettings } from './faults.ts'
import { openLedger } from './ledger.ts'
import { openNumberBook, restoreNumbers } from './number-book.ts'
import { createOutbound } from './outbound.ts'
import { PROFILES, type Profile } from './profile.ts'
import { restoreCalls } from './restore.ts'
import { resumeText } from './text-runner.ts'
import { openTextBook } from './text-book.ts'
import { createSender } from './sender.ts'
import { createTimers, systemClock, type Clock, type Timers } from './timers.ts'
import type { Workshop } from './workshop.ts'

/** The number the account owns unless told otherwise: of the range kept for fiction, outside the magic one. */
export const DEFAULT_NUMBER = '+18005550100'

export interface CarrierOptions {
  /** 0 takes any free port. */
  port: number
  host?: string | undefined
  /** `AC` and 32 hexadecimal digits. */
  accountSid: string
  authToken: string
  ledgerPath: string
  /** The same seed gives the same people: each number behaves the same at each attempt. */
  seed: string | number
  /** Divides ringing and talking time; 1 is real time. Reported durations are not divided. */
  speed: number
  profile: Profile | keyof typeof PROFILES
  clock?: Clock | undefined
  timers?: Timers | undefined
  defaultNumber?: string | undefined
  /** Numbers of others that the account may show as caller. */
  verifiedNumbers?: readonly string[] | undefined
  /** Calls above this rate wait in the carrier's queue; absent: no queue. */
  callsPerSecond?: number | undefined
  faults?: Partial<FaultSettings> | undefined
  /** Where texts that people send to the account's numbers are told. */
  inboundUrl?: string | undefined
  /** A connection without requests is closed after this time. */
  keepAliveTimeoutMs?: number | undefined
}

export interface RunningCarrier {
  /** `http://127.0.0.1:8001`, without a slash at the end. */
  url: string
  port: number
  defaultNumber: string
  faults: { get(): FaultSettings; set(settings: FaultSettings): void }
  /** How many calls have not ended. */
  openCalls(): number
  /** How many texts are under way. */
  openTexts(): number
  setInboundUrl(url: string): void
  /** Refuses every connection for so long, then listens again on the same port. */
  refuseConnections(seconds: number): void
  /** Stops without ending anything, once: a carrier started later on the same ledger carries on. */
  close(): Promise<void>
}

/**
 * Starts a carrier and resolves when it listens. Calls that the ledger shows in flight go on. Rejects when the
 * port is taken or the ledger cannot be read.
 */
export async function startCarrier(options: CarrierOptions): Promise<RunningCarrier> {
  const clock = options.clock ?? systemClock
  const ownTimers = createTimers()
  const timers = options.timers ?? ownTimers
  const outbound = createOutbound()
  const host = options.host ?? '127.0.0.1'
  const defaultNumber = options.defaultNumber ?? DEFAULT_NUMBER
  const seed = String(options.seed)
  const profile = typeof options.profile === 'string' ? PROFILES[options.profile] : options.profile
  const remembered = await restoreCalls({ ledgerPath: options.ledgerPath, profile, seed })
  const ledger = openLedger(options.ledgerPath, () => clock.now(), die)
  const openedAt = clock.now()
  const numbers = openNumberBook(
    [callerNumber(defaultNumber, 'owned', openedAt)].concat(
      (options.verifiedNumbers ?? []).map((number) => callerNumber(number, 'verified', openedAt)),
    ),
  )
  await restoreNumbers(numbers, options)
  let inboundUrl = options.inboundUrl ?? null
  let faults: FaultSettings = { ...NO_FAULTS, ...options.faults }
  const shop: Workshop = {
    accountSid: options.accountSid,
    credentials: basicCredentials(options.accountSid, options.authToken),
    ledgerPath: options.ledgerPath,
    openedAt,
    seed,
    speed: options.speed,
    profile,
    clock,
    timers,
    ledger,
    book: openCallBook(),
    texts: openTextBook(),
    recordings: new Map(remembered.recordings.map((recording) => [recording.sid, recording])),
    conferences: openConferenceBook(),
    inboundUrl: {
      get: () => inboundUrl,
      set(url) {
        inboundUrl = url
      },
    },
    ownsNumber: (number) =>
      numbers.numbers.some(
        (one) => one.kind === 'owned' && one.phoneNumber === number && one.usableFrom <= clock.now(),
      ),
    sender: createSender(options.authToken, outbound, timers),
    numbers,
    faults: {
      get: () => faults,
      set(settings) {
        faults = settings
      },
    },
    countVisit: visitCounter(remembered.visits),
    reserveLine: lineQueue(clock, options.callsPerSecond),
    refuseConnections: (seconds) => {
      door.refuse(seconds)
    },
  }
  const door = await openDoor(shop, {
    host,
    port: options.port,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs,
  })
  ledger.append({ event: 'opened', seed, profile: profile.name, speed: options.speed })
  for (const call of remembered.calls) shop.book.add(call)
  for (const conference of remembered.conferences) shop.conferences.add(conference)
  for (const call of remembered.calls) if (call.live) resumeCall(shop, call)
  for (const conference of remembered.conferences) departAfterwards(shop, conference)
  for (const text of remembered.texts) {
    shop.texts.add(text)
    resumeText(shop, text)
  }
  const close = async (): Promise<void> => {
    await door.close()
    ownTimers.clear()
    await outbound.close()
    await ledger.close()
  }
  let closing: Promise<void> | null = null
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${door.port}`,
    port: door.port,
    defaultNumber,
    faults: shop.faults,
    openCalls: () => shop.book.open(),
    openTexts: () => shop.texts.open(),
    setInboundUrl: shop.inboundUrl.set,
    refuseConnections: shop.refuseConnections,
    close: () => (closing ??= close()),
  }
}

function basicCredentials(accountSid: string, authToken: string): Buffer {
  return Buffer.from(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)
}

function visitCounter(visits: Map<string, number>): (to: string) => number {
  return (to) => {
    const count = (visits.get(to) ?? 0) + 1
    visits.set(to, count)
    return count
  }
}

/** One call every 1/n second; those that come faster wait their turn. */
function lineQueue(clock: Clock, callsPerSecond: number | undefined): () => number {
  let nextAt = 0
  return () => {
    if (callsPerSecond === undefined) return 0
    const now = clock.now().getTime()
    const at = Math.max(now, nextAt)
    nextAt = at + 1000 / callsPerSecond
    return at - now
  }
}

/** A carrier that cannot write its ledger must not go on: whatever it did would not be known. */
function die(error: Error): never {
  process.stderr.write(`The ledger cannot be written: ${error.message}\n`)
  process.exit(70)
}
