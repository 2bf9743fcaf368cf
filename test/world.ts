/**
 * A whole Trunkline in one test: a database of its own, a simulated carrier with its ledger, the hooks listening on a
 * real port, and one dialer. Real parts only; what the carrier's ledger says is the truth.
 */
import { createOtpCodes } from '../src/otp/otp-code.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReferences, type References } from '../src/calls/call-reference.ts'
import { carrierHooks } from '../src/calls/carrier-hooks.ts'
import { createTwilioCarrier } from '../src/carriers/twilio-carrier.ts'
import type { Carrier } from '../src/carriers/carrier.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../src/config.ts'
import { createClock, type ProductClock } from '../src/db/product-clock.ts'
import { byKeyOnly, connect, type Sql } from '../src/db/sql.ts'
import { sweepStoppedRuns } from '../src/campaigns/stop-sweep.ts'
import { createDialer, type Dialer } from '../src/dialer/dialer.ts'
import { usualPatience, type Patience } from '../src/dialer/reconcile.ts'
import { createBodyHash } from '../src/messages/body-hash.ts'
import { smsHooks } from '../src/messages/sms-hooks.ts'
import { createTextQueue, type QueueText, type TextGates } from '../src/messages/text-queue.ts'
import { createTextReferences, type TextReferences } from '../src/messages/text-reference.ts'
import { usualTextPatience, type TextPatience } from '../src/dialer/text-reconcile.ts'
import { createShell, type App } from '../src/http/app-shell.ts'
import { deriveKey } from '../src/http/derived-key.ts'
import { voiceRoutes } from '../src/speech/voice-routes.ts'
import { createAudioAddresses } from '../src/speech/audio-address.ts'
import { createLog, silentLog as noLog } from '../src/log.ts'
import { createWorkspace } from '../src/accounts/workspace-store.ts'
import type { Settings } from '../src/accounts/settings.ts'
import { startCarrier, type CarrierOptions, type RunningCarrier } from '../simulator/carrier.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export type WorldOptions = {
  carrier?: Partial<CarrierOptions>
  callsPerSecond?: number
  maxConcurrentCalls?: number
  unknownAfterMs?: number
  settings?: Partial<Settings>
  /** The dialer's way to the database; the database's own address unless said otherwise. */
  dialerDatabaseUrl?: (databaseUrl: string) => Promise<string>
  /** What kinds of texts are asked in the moment of sending. */
  gates?: TextGates
  /** How long silence of calls is borne; hurried unless said otherwise. */
  patience?: Patience
  /** Start dialing at once; true unless said otherwise. */
  dialing?: boolean
}

export type World = {
  database: TestDatabase
  sql: Sql
  clock: ProductClock
  phones: RunningCarrier
  ledgerPath: string
  carrier: Carrier
  references: References
  textReferences: TextReferences
  queueText: QueueText
  app: App
  dialer: Dialer
  workspaceId: number
  origin: string
  /**
   * Another dialer on the same database, not started: a second process, as far as the database can tell. `connections`:
   * of its pool; 6 when unset.
   */
  anotherDialer(connections?: number): Promise<Dialer>
  close(): Promise<void>
}

/** Set TEST_LOG=debug to see what the parts say. */
const silentLog = process.env['TEST_LOG'] ? createLog({ level: process.env['TEST_LOG'] }) : noLog
const secretKey = 'a-secret-key-that-only-tests-have-000'
export const worldOtpSecret = 'a secret key for tests'

/** The usual patience, twenty times shorter: what the engine waits for in minutes, a test waits for in seconds. */
const hurried: Patience = {
  lookAfterMs: usualPatience.lookAfterMs.map((ms) => ms / 20),
  silenceMs: { initiated: 500, ringing: 750, in_progress: 1_000 },
  shortestSilenceMs: 500,
  mostSilenceMs: usualPatience.mostSilenceMs / 20,
  unsentAfterMs: 500,
}

const hurriedTexts: TextPatience = {
  ...usualTextPatience,
  lookAfterMs: hurried.lookAfterMs,
  silenceMs: { sending: 500, unknown: 0, accepted: 500, sent: 750 },
  mostSilenceMs: 6_000,
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const database = await createTestDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-world-'))
  const ledgerPath = join(folder, 'ledger.jsonl')
  const phones = await startCarrier({
    port: 0,
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    ledgerPath,
    seed: 7,
    speed: 1_000,
    profile: 'all-answer',
    ...options.carrier,
  })
  const clock = createClock(database.sql)
  await clock.start()
  const references = createReferences(secretKey)
  const addresses = createAudioAddresses(deriveKey(secretKey, 'audio addresses'))
  const textReferences = createTextReferences(secretKey)
  const hashBody = createBodyHash(secretKey)
  const account = {
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    apiUrl: phones.url,
    live: false,
    placeConnections: options.maxConcurrentCalls ?? 200,
    placeTimeoutMs: 1_000,
  }
  const carrier = createTwilioCarrier(account)
  let origin = ''
  const pools: Sql[] = []
  const dialers: Dialer[] = []
  const otpCodes = createOtpCodes(worldOtpSecret)
  async function newDialer(connections = 6): Promise<Dialer> {
    const sql = connect((await options.dialerDatabaseUrl?.(database.url)) ?? database.url, {
      max: connections,
      session: byKeyOnly,
    })
    pools.push(sql)
    const dialer = await createDialer({
      sql,
      databaseUrl: database.url,
      carrier,
      clock,
      log: silentLog,
      references,
      publicOrigin: () => origin,
      addresses,
      callsPerSecond: options.callsPerSecond ?? 1_000,
      maxConcurrentCalls: options.maxConcurrentCalls ?? 200,
      unknownAfterMs: options.unknownAfterMs ?? 3_000,
      workerName: 'test',
      sweepStoppedRuns: (now) => sweepStoppedRuns(sql, now),
      patience: options.patience ?? hurried,
      otpCodes,
      texts: {
        references: textReferences,
        hashBody,
        gates: options.gates ?? {},
        patience: hurriedTexts,
      },
    })
    dialers.push(dialer)
    return dialer
  }
  const dialer = await newDialer()
  const queueText = createTextQueue({ carrierAccountId: dialer.carrierAccountId, hashBody })
  const hookDeps = {
    carrier,
    clock,
    log: silentLog,
    publicOrigin: () => origin,
    backlogLimit: 10_000,
  }
  const takeCallHook = carrierHooks({
    ...hookDeps,
    sql: database.sql,
    references,
    writer: dialer.writer,
    instructionsFor: dialer.instructionsFor,
    answerKey: dialer.answerKey,
  })
  const takeSmsHook = smsHooks({
    ...hookDeps,
    sql: database.sql,
    carrierAccountId: dialer.carrierAccountId,
    references: textReferences,
    writer: dialer.textWriter,
    queueText,
  })
  const app = await createShell({
    log: silentLog,
    trustedProxies: [],
    publicUrl: null,
    mayReadAnswers: async () => false,
    before: (request, response) => takeCallHook(request, response) || takeSmsHook(request, response),
  })
  await app.register(async (scope) => {
    const deps = { sql: database.sql, clock, publicUrl: null, addresses, speech: null }
    await voiceRoutes(scope.withTypeProvider(), deps)
  })
  origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const workspace = await database.sql.begin((tx) =>
    createWorkspace(tx, { name: 'Test', settings: options.settings ?? {} }, clock.now()),
  )
  if (options.dialing !== false) await dialer.start()
  return {
    database,
    sql: database.sql,
    clock,
    phones,
    ledgerPath,
    carrier,
    references,
    textReferences,
    queueText,
    app,
    dialer,
    workspaceId: workspace.id,
    origin,
    anotherDialer: newDialer,
    async close() {
      for (const one of dialers) await one.stop()
      await phones.close()
      await app.close()
      await carrier.close()
      await clock.stop()
      for (const sql of pools) await sql.end({ timeout: 1 })
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until `holds` says true, and fails with what it waited for. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not happen within ${withinMs} ms: ${what}`)
    await new Promise((next) => setTimeout(next, 20))
  }
}
