/**
 * Builds everything in order, starts it, and stops it in reverse. Its adapters are chosen in `main-adapters.ts`.
 */
import { armFailpoints } from './failpoint.ts'
import type { RunningCarrier } from '../simulator/carrier.ts'
import { dropExpired } from './accounts/expired-rows.ts'
import { createMailLoop } from './accounts/mail-loop.ts'
import { ensureFirstAdmin } from './accounts/setup.ts'
import { buildApp } from './app.ts'
import { reminderGate } from './call-requests/reminder-gate.ts'
import { createRequestLoop } from './call-requests/request-loop.ts'
import { createReferences } from './calls/call-reference.ts'
import type { Carrier } from './carriers/carrier.ts'
import { createTwilioCarrier } from './carriers/twilio-carrier.ts'
import { campaignJobs } from './campaigns/campaign-jobs.ts'
import { numberUser } from './campaigns/number-user.ts'
import { sweepStoppedRuns } from './campaigns/stop-sweep.ts'
import { createBodyHash } from './messages/body-hash.ts'
import { createTextQueue } from './messages/text-queue.ts'
import { createTextReferences } from './messages/text-reference.ts'
import { origin, type Config } from './config.ts'
import { isDemo, requireDemoIsHarmless } from './demo-mark.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './db/embedded-postgres.ts'
import { migrate } from './db/migrate.ts'
import { createClock, type ProductClock } from './db/product-clock.ts'
import { byKeyOnly, connect, type Sql } from './db/sql.ts'
import { createUpkeepLoop } from './db/upkeep-loop.ts'
import { measureDialer } from './dialer/dialer-metrics.ts'
import { createDialer, type Dialer } from './dialer/dialer.ts'
import { createRestoreGuard } from './dialer/restore-guard.ts'
import { deriveKey } from './http/derived-key.ts'
import { createMetrics } from './http/health-routes.ts'
import { listenAt } from './http/listening.ts'
import { loopbackOrigin } from './http/loopback-origin.ts'
import { isWorkerGone } from './dialer/reconcile-store.ts'
import { dropOldIntake } from './leads/intake-store.ts'
import { JobLoop } from './jobs/job-loop.ts'
import { createAudioAddresses } from './speech/audio-address.ts'
import { dropUnused } from './speech/audio-store.ts'
import { SpeechLoop } from './speech/speech-loop.ts'
import type { Log } from './log.ts'
import { chooseMailer, choosePayments, chooseSpeech, startPhones } from './main-adapters.ts'
import { createOtpCodes } from './otp/otp-code.ts'
import { dropOldSends } from './otp/otp-store.ts'
import { createNumberKeeper } from './numbers/number-keeper.ts'
import { createNumberLoop } from './numbers/number-loop.ts'
import { createDeliveryLoop } from './webhooks-out/delivery-loop.ts'
import { dropOldDeliveries } from './webhooks-out/delivery-store.ts'
import { createEndpointSecrets } from './webhooks-out/endpoint-secret.ts'
import { createWebhookSender } from './webhooks-out/webhook-sender.ts'

export type RunningServer = {
  /** Where it listens: `http://127.0.0.1:8000`. */
  url: string
  databaseUrl: string
  sql: Sql
  clock: ProductClock
  dialer: Dialer
  carrier: Carrier
  phones: RunningCarrier | null
  /** Nobody can sign in yet. */
  needsSetup: boolean
  /** Resolves when this server must stop because another one has taken its data folder. */
  lost: Promise<void>
  /** Stops within ten seconds: nothing new is dialed, what was sent is waited for and written down. */
  stop(): Promise<void>
}

const pagePool = 10
const enginePool = 6
const boardPool = 4

/** Starts a server, from its database to its loops, and resolves when it answers. Whatever was started is stopped again when a later step fails. */
export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).reverse()) await step()
  }
  armFailpoints(config.failpoints)
  try {
    return await startParts(config, log, { stops, stop })
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
}

type Stopping = { stops: (() => Promise<unknown>)[]; stop: () => Promise<void> }

async function startParts(config: Config, log: Log, { stops, stop }: Stopping): Promise<RunningServer> {
  const begin = async (part: { start(): unknown; stop(): Promise<unknown> }): Promise<void> => {
    await part.start()
    stops.push(() => part.stop())
  }
  if (isDemo(config.dataDir)) requireDemoIsHarmless(config)
  const postgres = await openDatabase(config, log)
  if (postgres) stops.push(() => postgres.stop())
  const databaseUrl = postgres?.url ?? config.databaseUrl ?? ''
  const sql = connect(databaseUrl, {
    max: pagePool,
    applicationName: 'trunkline',
    statementTimeoutMs: 30_000,
  })
  const engineSql = connect(databaseUrl, {
    max: enginePool,
    applicationName: 'trunkline engine',
    session: byKeyOnly,
    statementTimeoutMs: 30_000,
  })
  const boardSql = connect(databaseUrl, { max: boardPool, applicationName: 'trunkline board' })
  stops.push(() => Promise.all([sql, engineSql, boardSql].map((pool) => pool.end({ timeout: 2 }))))
  await migrate(sql)

  const clock = createClock(engineSql)
  await begin(clock)
  await startClock(config, clock)
  // Before anything answers: who may sign in must not depend on how early they ask.
  const needsSetup = (await ensureFirstAdmin(sql, config, clock.now())) === 'needs_setup'

  const phones = config.carrier.embedded ? await startPhones(config) : null
  if (phones) stops.push(() => phones.close())
  const carrier = createTwilioCarrier({
    accountSid: config.carrier.accountSid,
    authToken: config.carrier.authToken,
    apiUrl: phones?.url ?? config.carrier.apiBaseUrl ?? '',
    live: config.carrier.live,
    placeConnections: Math.min(config.carrier.maxConcurrentCalls, 2_000),
  })
  stops.push(() => carrier.close())

  const where = { origin: origin(config) }
  const references = createReferences(config.secretKey)
  const addresses = createAudioAddresses(deriveKey(config.secretKey, 'audio addresses'))
  const speech = chooseSpeech(config)
  if (speech) stops.push(() => speech.stop())
  const textReferences = createTextReferences(config.secretKey)
  const hashBody = createBodyHash(config.secretKey)
  const otpCodes = createOtpCodes(config.secretKey)
  const dialer = await createDialer({
    sql: engineSql,
    databaseUrl,
    carrier,
    clock,
    log,
    references,
    publicOrigin: () => where.origin,
    addresses,
    callsPerSecond: config.carrier.callsPerSecond,
    maxConcurrentCalls: config.carrier.maxConcurrentCalls,
    unknownAfterMs: config.carrier.unknownAfterSeconds * 1_000,
    workerName: `${config.host}:${config.port}`,
    sweepStoppedRuns: (now) => sweepStoppedRuns(engineSql, now),
    texts: { references: textReferences, hashBody, gates: { reminder: reminderGate } },
    otpCodes,
  })
  const queueText = createTextQueue({ carrierAccountId: dialer.carrierAccountId, hashBody })
  const payments = await choosePayments(config.payments)
  const numbers = createNumberKeeper({
    sql,
    carrier,
    carrierAccountId: dialer.carrierAccountId,
    clock,
    sidKey: deriveKey(config.secretKey, 'phone sids'),
    configured: config.callerId,
    worker: dialer.worker.current,
    usedBy: numberUser,
  })
  const webhooks = {
    secrets: createEndpointSecrets(deriveKey(config.secretKey, 'webhook secrets')),
    sender: createWebhookSender(config.webhookPrivateHosts),
  }
  const guardDeps = { sql, clock, log, carrier, dialer, hashBody, dataDir: config.dataDir }
  const guard = await createRestoreGuard(guardDeps)
  const metrics = createMetrics()
  measureDialer(metrics, dialer)
  const app = await buildApp({
    config,
    sql,
    boardSql,
    clock,
    log,
    loops: () => [guard.dialing()],
    metrics,
    payments,
    webhooks,
    speech,
    telephony: {
      carrier,
      numbers,
      references,
      textReferences,
      queueText,
      otpCodes,
      dialer,
      publicOrigin: () => where.origin,
    },
  })
  stops.push(() => app.close())
  const url = await listenAt(app, config)
  if (config.publicUrl === null) where.origin = loopbackOrigin(url)
  phones?.setInboundUrl(`${loopbackOrigin(url)}/hooks/sms/inbound`)

  const upkeep = createUpkeepLoop({
    sql,
    clock,
    log,
    chores: [
      () => dropUnused(sql, clock.wall()),
      () => dropExpired(sql, clock.wall()),
      () => dropOldIntake(sql, clock.now()),
      () => dropOldSends(sql, clock.now()),
      () => dropOldDeliveries(sql, clock.now()),
    ],
  })
  await begin(upkeep)
  await begin(dialer)
  await begin(guard)
  const requests = createRequestLoop({
    sql: engineSql,
    clock,
    log,
    queueText,
    callerIds: numbers.sharedCallerIds,
    carrierAccountId: dialer.carrierAccountId,
    carrier,
    roomName: references.roomName,
    writer: dialer.writer,
    payments,
  })
  await begin(requests)
  const isGone = (id: number): Promise<boolean> => isWorkerGone(sql, id)
  const jobs = new JobLoop({
    sql,
    clock,
    log,
    worker: { current: dialer.worker.current, isGone },
    handlers: campaignJobs({ sql, clock, carrierAccountId: dialer.carrierAccountId, carrier }),
  })
  await begin(jobs)
  const { carrierAccountId } = dialer
  await begin(createNumberLoop({ sql, carrierAccountId, clock, log, keeper: numbers, isGone }))
  const mailer = await chooseMailer(config)
  if (mailer) stops.push(async () => mailer.close())
  await begin(createMailLoop({ sql, clock, log, mailer }))
  await begin(createDeliveryLoop({ sql, clock, log, ...webhooks }))
  if (speech) await begin(new SpeechLoop({ sql, log, speech, spoken: async () => dialer.loop.wake() }))

  return {
    url: loopbackOrigin(url),
    databaseUrl,
    sql,
    clock,
    dialer,
    carrier,
    phones,
    needsSetup,
    lost: postgres?.lost ?? new Promise(() => {}),
    stop,
  }
}

async function openDatabase(config: Config, log: Log): Promise<EmbeddedPostgres | null> {
  return config.databaseUrl === null ? startEmbeddedPostgres({ dataDir: config.dataDir, log }) : null
}

/** CLOCK_START is where a new installation's time begins; one whose clock was moved already keeps its time. */
async function startClock(config: Config, clock: ProductClock): Promise<void> {
  const untouched = Math.abs(clock.now().getTime() - clock.wall().getTime()) < 1
  if (config.clockStart && untouched) await clock.set(config.clockStart)
}
