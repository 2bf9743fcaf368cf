import type { Registry } from 'prom-client'
import { accountRoutes } from './accounts/account-routes.ts'
import { createIdentify } from './accounts/identify.ts'
import type { Payments } from './accounts/payment.ts'
import { createTokens } from './accounts/tokens.ts'
import { findWorkspacesAllowing } from './accounts/workspace-store.ts'
import type { References } from './calls/call-reference.ts'
import { boardRoutes } from './calls/board-routes.ts'
import { callsOfLeads } from './calls/lead-calls.ts'
import { plansOfLeads } from './call-plans/lead-plans.ts'
import { textsOfLeads } from './messages/lead-texts.ts'
import { callRoutes } from './calls/call-routes.ts'
import { modeRoutes } from './calls/mode-routes.ts'
import { newCallRoutes } from './calls/new-call-routes.ts'
import { recordingRoutes } from './calls/recording-routes.ts'
import { readTotals } from './calls/totals-store.ts'
import { carrierHooks } from './calls/carrier-hooks.ts'
import { bulkCallRoutes } from './campaigns/bulk-call-routes.ts'
import { campaignRoutes } from './campaigns/campaign-routes.ts'
import { createRoutes } from './campaigns/create-routes.ts'
import { estimateRoutes } from './campaigns/estimate-routes.ts'
import { fileRoutes } from './campaigns/file-routes.ts'
import { numberRoutes } from './campaigns/number-routes.ts'
import { previewRoutes } from './campaigns/preview-routes.ts'
import { reportRoutes } from './campaigns/report-routes.ts'
import { runCommandRoutes } from './campaigns/run-command-routes.ts'
import { runRoutes } from './campaigns/run-routes.ts'
import { createBookingLinks } from './call-requests/booking-link.ts'
import { bookingRoutes } from './call-requests/booking-routes.ts'
import { actionRoutes } from './call-requests/action-routes.ts'
import { deskRoutes } from './call-requests/desk-routes.ts'
import { requestsOfLeads } from './call-requests/lead-requests.ts'
import { requestRoutes } from './call-requests/request-routes.ts'
import type { Carrier } from './carriers/carrier.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { creditRoutes } from './credits/credit-routes.ts'
import type { Sql } from './db/sql.ts'
import type { Dialer } from './dialer/dialer.ts'
import { createEventHub } from './events/event-hub.ts'
import { eventRoutes } from './events/event-routes.ts'
import { describeApi } from './http/api-description.ts'
import { createShell, type App } from './http/app-shell.ts'
import { authenticateRoutes } from './http/authenticate.ts'
import { deriveKey } from './http/derived-key.ts'
import { consoleFiles } from './http/console-files.ts'
import { watchDatabase } from './http/database-watch.ts'
import { docsPages } from './http/docs-pages.ts'
import { createMetrics, healthRoutes, metricsToken, type LoopState } from './http/health-routes.ts'
import { rememberFingerprintKey } from './http/idempotency.ts'
import { createCursors } from './http/paging.ts'
import { rememberFor } from './http/remember.ts'
import { createPlanRecorder } from './call-plans/plan-recorder.ts'
import { planDialRoutes } from './call-plans/plan-dial-routes.ts'
import { planListRoutes } from './call-plans/plan-list-routes.ts'
import { planRoutes } from './call-plans/plan-routes.ts'
import { jobRoutes } from './jobs/job-routes.ts'
import { createDialerKeys } from './leads/dialer-key.ts'
import { dialerKeyRoutes } from './leads/dialer-key-routes.ts'
import { intakeLogRoutes } from './leads/intake-log-routes.ts'
import { intakeRoutes } from './leads/intake-routes.ts'
import { leadListRoutes } from './leads/lead-list-routes.ts'
import { leadMergeRoutes } from './leads/lead-merge-routes.ts'
import { leadRoutes } from './leads/lead-routes.ts'
import { leadStoryRoutes } from './leads/lead-story-routes.ts'
import type { Log } from './log.ts'
import { messageRoutes } from './messages/message-routes.ts'
import { smsHooks } from './messages/sms-hooks.ts'
import type { QueueText } from './messages/text-queue.ts'
import type { TextReferences } from './messages/text-reference.ts'
import { createAudioAddresses } from './speech/audio-address.ts'
import type { Speech } from './speech/speech.ts'
import { voiceRoutes } from './speech/voice-routes.ts'
import { doNotCallRoutes } from './numbers/do-not-call-routes.ts'
import { createOneTimeCodes } from './otp/one-time-codes.ts'
import { phoneVerificationRoutes } from './otp/phone-verification-routes.ts'
import type { OtpCodes } from './otp/otp-code.ts'
import { otpRoutes } from './otp/otp-routes.ts'
import type { NumberKeeper } from './numbers/number-keeper.ts'
import { ownedNumberRoutes } from './numbers/owned-number-routes.ts'
import { deliveryRoutes } from './webhooks-out/delivery-routes.ts'
import type { EndpointSecrets } from './webhooks-out/endpoint-secret.ts'
import { webhookRoutes } from './webhooks-out/webhook-routes.ts'
import type { WebhookSender } from './webhooks-out/webhook-sender.ts'

export type AppDeps = {
  config: Pick<
    Config,
    'secretKey' | 'publicUrl' | 'trustedProxies' | 'timeZone' | 'defaultRegion' | 'payments' | 'dialerApiKey'
  >
  sql: Sql
  clock: Clock
  log: Log
  telephony: Telephony
  payments: Payments
  /** What signs and sends to programs outside. */
  webhooks: { secrets: EndpointSecrets; sender: WebhookSender }
  /** What speaks messages; without it the carrier says them. */
  speech?: Speech | null
  /** Whole boards are streamed for as long as their readers take: from connections that nothing else needs. */
  boardSql?: Sql
  /** What the loops of this process say about themselves, for /readyz; none unless said. */
  loops?: () => readonly LoopState[]
  /** Where parts register their figures, for /metrics. */
  metrics?: Registry
}

/** What rings: the carrier, and the engine that uses it. */
export type Telephony = {
  carrier: Carrier
  numbers: NumberKeeper
  references: References
  textReferences: TextReferences
  /** Hands in a text of any part. */
  queueText: QueueText
  otpCodes: OtpCodes
  dialer: Pick<Dialer, 'carrierAccountId' | 'writer' | 'textWriter' | 'instructionsFor' | 'answerKey'>
  /** The origin the carrier was given. */
  publicOrigin: () => string
}

/** Recipient files are streamed into the database; this is the most of one. */
const uploadLimit = 256 * 1024 * 1024
/** The most of a file of sound. */
const audioLimit = 25 * 1024 * 1024
/** Reports that wait to be written before webhooks are told to come back. */
const reportBacklogLimit = 20_000

/** The whole API on one page. The application answers after `await app.ready()`, through listen or inject. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const { config, sql, clock, log, telephony } = deps
  const tokens = createTokens(deriveKey(config.secretKey, 'tokens'))
  const workspacesAllowing = rememberFor(5_000, (origin) => findWorkspacesAllowing(sql, origin))
  const hookDeps = {
    carrier: telephony.carrier,
    publicOrigin: telephony.publicOrigin,
    backlogLimit: reportBacklogLimit,
    clock,
    log,
  }
  const takeCallHook = carrierHooks({
    ...hookDeps,
    sql,
    references: telephony.references,
    writer: telephony.dialer.writer,
    instructionsFor: telephony.dialer.instructionsFor,
    answerKey: telephony.dialer.answerKey,
  })
  const takeSmsHook = smsHooks({
    ...hookDeps,
    sql,
    carrierAccountId: telephony.dialer.carrierAccountId,
    references: telephony.textReferences,
    writer: telephony.dialer.textWriter,
    queueText: telephony.queueText,
  })
  const app = await createShell({
    log,
    before: (request, response) => takeCallHook(request, response) || takeSmsHook(request, response),
    trustedProxies: config.trustedProxies,
    publicUrl: config.publicUrl,
    mayReadAnswers: async (origin, workspaceId) => {
      const allowing = await workspacesAllowing(origin)
      return workspaceId === null ? allowing.length > 0 : allowing.includes(workspaceId)
    },
  })
  watchDatabase(app, sql)
  const identify = createIdentify({ sql, clock, tokens })
  authenticateRoutes(app, identify, config.publicUrl)
  rememberFingerprintKey(app, deriveKey(config.secretKey, 'request fingerprints'))
  await describeApi(app, config.publicUrl)

  await docsPages(app)
  await healthRoutes(app, {
    sql,
    loops: deps.loops ?? (() => []),
    metrics: deps.metrics ?? createMetrics(),
    metricsToken: metricsToken(config.secretKey),
    publicUrl: config.publicUrl,
  })
  await accountRoutes(app, { config, sql, clock, tokens, payments: deps.payments })
  await doNotCallRoutes(app, { sql, clock, publicUrl: config.publicUrl })
  const oneTimeCodes = createOneTimeCodes({
    sql,
    clock,
    carrierIsLive: telephony.carrier.live,
    carrierAccountId: telephony.dialer.carrierAccountId,
    callerIds: telephony.numbers.callerIds,
    queueText: telephony.queueText,
    codes: telephony.otpCodes,
  })
  await otpRoutes(app, { sql, clock, publicUrl: config.publicUrl, codes: telephony.otpCodes, oneTimeCodes })
  await phoneVerificationRoutes(app, { sql, clock, publicUrl: config.publicUrl, oneTimeCodes })
  await creditRoutes(app, { sql })
  await ownedNumberRoutes(app, {
    sql,
    carrierAccountId: telephony.dialer.carrierAccountId,
    numbers: telephony.numbers,
  })
  await jobRoutes(app, { sql, clock })
  const keys = createDialerKeys({
    sql,
    secret: deriveKey(config.secretKey, 'dialer keys'),
    configured: config.dialerApiKey,
  })
  const cursors = createCursors(deriveKey(config.secretKey, 'cursors'))
  const leads = {
    sql,
    clock,
    publicUrl: config.publicUrl,
    keys,
    cursors,
    parts: [callsOfLeads, textsOfLeads, plansOfLeads, requestsOfLeads],
  }
  await dialerKeyRoutes(app, leads)
  await intakeRoutes(app, leads)
  await intakeLogRoutes(app, leads)
  await leadListRoutes(app, leads)
  await leadRoutes(app, leads)
  await leadStoryRoutes(app, leads)
  await leadMergeRoutes(app, leads)
  const addresses = createAudioAddresses(deriveKey(config.secretKey, 'audio addresses'))
  const campaigns = {
    sql,
    clock,
    publicUrl: config.publicUrl,
    uploadLimit,
    audioLimit,
    addresses,
    speech: deps.speech ?? null,
    carrierIsLive: telephony.carrier.live,
    callerIds: telephony.numbers.callerIds,
  }
  await voiceRoutes(app, { sql, clock, publicUrl: config.publicUrl, addresses, speech: deps.speech ?? null })
  await fileRoutes(app, campaigns)
  await campaignRoutes(app, campaigns)
  await createRoutes(app, campaigns)
  await bulkCallRoutes(app, campaigns)
  await runRoutes(app, campaigns)
  await runCommandRoutes(app, campaigns)
  await numberRoutes(app, campaigns)
  await previewRoutes(app, campaigns)
  await estimateRoutes(app, campaigns)
  await reportRoutes(app, campaigns)
  const calls = {
    sql,
    clock,
    cursors,
    publicUrl: config.publicUrl,
    writer: telephony.dialer.writer,
    carrierAccountId: telephony.dialer.carrierAccountId,
    carrierIsLive: telephony.carrier.live,
    carrierName: telephony.carrier.name,
    recordings: telephony.carrier,
    audioLimit,
    callerIds: telephony.numbers.callerIds,
  }
  await callRoutes(app, calls)
  await recordingRoutes(app, calls)
  await newCallRoutes(app, calls)
  await messageRoutes(app, {
    sql,
    clock,
    cursors,
    publicUrl: config.publicUrl,
    queueText: telephony.queueText,
    carrierIsLive: telephony.carrier.live,
    callerIds: telephony.numbers.callerIds,
  })
  await modeRoutes(app, calls)
  const plans = { ...calls, recorder: createPlanRecorder({ sql, clock }) }
  await planRoutes(app, plans)
  await planListRoutes(app, plans)
  await planDialRoutes(app, plans)
  await boardRoutes(app, { sql: deps.boardSql ?? sql, clock, cursors, publicUrl: config.publicUrl })
  const callRequests = {
    sql,
    clock,
    links: createBookingLinks(deriveKey(config.secretKey, 'booking links')),
    publicUrl: config.publicUrl,
    currency: config.payments.currency,
  }
  await requestRoutes(app, callRequests)
  await actionRoutes(app, callRequests)
  await deskRoutes(app, callRequests)
  await bookingRoutes(app, callRequests)
  const webhooks = { sql, clock, publicUrl: config.publicUrl, ...deps.webhooks }
  await webhookRoutes(app, webhooks)
  await deliveryRoutes(app, webhooks)
  const hub = createEventHub({ sql, clock, log, snapshot: (...of) => readTotals(sql, ...of) })
  app.addHook('onReady', () => hub.start())
  // Before the server waits for its connections: a stream never ends by itself.
  app.addHook('preClose', () => hub.stop())
  await eventRoutes(app, { sql, clock, hub, identify })
  await consoleFiles(app)
  return app
}
