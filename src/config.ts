import { resolve } from 'node:path'
import { parseFailpoints, type Failpoints } from './failpoint.ts'
import { ConfigError, EnvironmentReader, type Environment } from './config-reader.ts'
import {
  isLoopbackHost,
  isTimeZone,
  matching,
  parseAddressRanges,
  parseHosts,
  parseInstant,
  parseOrigin,
  parseRegion,
  parseSpeech,
  parseUrlWith,
  type SpeechChoice,
} from './config-values.ts'
import { keptSecretKey } from './config-secret-key.ts'

export { ConfigError } from './config-reader.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export type CarrierConfig = Readonly<{
  kind: 'simulated' | 'twilio'
  /** Real phones ring. */
  live: boolean
  /** Start the simulated carrier inside this process; its address replaces `apiBaseUrl`. */
  embedded: boolean
  accountSid: string
  authToken: string
  /** Null when embedded, until its port is known. */
  apiBaseUrl: string | null
  /** Port of the embedded simulated carrier; 0 is any free one. */
  port: number
  seed: number
  /** How much faster than life the simulated phones ring and talk. */
  speed: number
  profile: string | null
  callsPerSecond: number
  maxConcurrentCalls: number
  /** How long an unanswered question whether a call was placed stays open. */
  unknownAfterSeconds: number
}>

export type Config = Readonly<{
  host: string
  /** 0 is any free one. */
  port: number
  /** An absolute path. */
  dataDir: string
  /** Null: the embedded PostgreSQL in `dataDir`. */
  databaseUrl: string | null
  secretKey: string
  /** Scheme, host and port by which the outside reaches this server, without a trailing slash. */
  publicUrl: string | null
  firstAdmin: Readonly<{ email: string; password: string }> | null
  dialerApiKey: string | null
  carrier: CarrierConfig
  callerId: string | null
  clockStart: Date | null
  defaultRegion: string
  timeZone: string
  smtpUrl: string | null
  speech: SpeechChoice
  /** The sender of mail. */
  mailFrom: string
  payments: Readonly<{
    /** Null: the simulated provider, which moves no money. */
    stripeSecretKey: string | null
    /** Null: Stripe's own address. */
    stripeApiBaseUrl: string | null
    /** ISO 4217, lower case: what fees are charged in. */
    currency: string
  }>
  logLevel: (typeof logLevels)[number]
  /** Addresses and CIDR ranges whose forwarding headers are believed. */
  trustedProxies: readonly string[]
  /** Hosts of the own network that webhooks may go to: `crm.lan`, `10.0.0.5:9000`. */
  webhookPrivateHosts: readonly string[]
  /** Where this process fails, for tests of what follows; never on a live carrier. */
  failpoints: Failpoints | null
}>

/** The credentials of a simulated carrier on this machine when none are set. They open nothing else. */
export const simulatedAccountSid = 'AC00000000000000000000000000000001'
export const simulatedAuthToken = 'simulated-carrier-auth-token'

const secretNames = [
  'DATABASE_URL',
  'SECRET_KEY',
  'ADMIN_PASSWORD',
  'DIALER_API_KEY',
  'TWILIO_AUTH_TOKEN',
  'SMTP_URL',
  'STRIPE_SECRET_KEY',
]
const minSecretKeyLength = 32

/**
 * Reads every setting from `env`. Without SECRET_KEY and DATABASE_URL the key is kept in the data folder, in a
 * file made at the first call. Throws one ConfigError that lists every problem.
 */
export function readConfig(env: Environment): Config {
  const reader = new EnvironmentReader(env, new Set(secretNames))
  const dataDir = resolve(reader.text('DATA_DIR') ?? './data')
  const databaseUrl = reader.parsed(
    'DATABASE_URL',
    'a URL like postgres://user:password@host:5432/name',
    (text) => parseUrlWith(text, ['postgres:', 'postgresql:']),
  )
  const publicUrl = reader.parsed('PUBLIC_URL', 'an http or https address without a path', parseOrigin)
  const secretKey = readSecretKey(reader, databaseUrl !== null)
  const carrier = readCarrier(reader, publicUrl)

  const settings = {
    host: reader.text('HOST') ?? '127.0.0.1',
    port: reader.number('PORT', 8000, { min: 0, max: 65_535 }),
    dataDir,
    databaseUrl,
    publicUrl,
    firstAdmin: readFirstAdmin(reader),
    dialerApiKey: reader.text('DIALER_API_KEY'),
    carrier,
    callerId: reader.parsed('CALLER_ID', 'a number like +12025550100', matching(/^\+[1-9]\d{6,14}$/)),
    clockStart: readClockStart(reader, carrier.live),
    defaultRegion:
      reader.parsed('DEFAULT_REGION', 'a country code of two letters, like NP', parseRegion) ?? 'NP',
    timeZone:
      reader.parsed('TIME_ZONE', 'a time zone like Asia/Kathmandu', (text) =>
        isTimeZone(text) ? text : null,
      ) ?? 'UTC',
    smtpUrl: reader.parsed('SMTP_URL', 'a URL like smtp://user:password@host:587', (text) =>
      parseUrlWith(text, ['smtp:', 'smtps:']),
    ),
    mailFrom: reader.text('MAIL_FROM') ?? 'Trunkline <no-reply@localhost>',
    payments: readPayments(reader),
    speech:
      reader.parsed('SPEECH', 'embedded, carrier, or the address of a speech service', parseSpeech) ??
      'embedded',
    logLevel: reader.choice('LOG_LEVEL', 'info', logLevels),
    trustedProxies: readTrustedProxies(reader),
    webhookPrivateHosts: Object.freeze(
      reader.parsed('WEBHOOK_PRIVATE_HOSTS', 'a list like crm.lan, 10.0.0.5:9000', parseHosts) ?? [],
    ),
    failpoints: readFailpoints(reader, carrier.live),
  }
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return Object.freeze({ ...settings, secretKey: secretKey ?? keptSecretKey(dataDir) })
}

/** The address under which this server calls itself: PUBLIC_URL, else the address it listens on. */
export function origin(config: Pick<Config, 'publicUrl' | 'host' | 'port'>): string {
  if (config.publicUrl !== null) return config.publicUrl
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`
}

function readSecretKey(reader: EnvironmentReader, isRequired: boolean): string | null {
  const accepted = `at least ${minSecretKeyLength} characters that nobody can guess`
  const key = reader.parsed('SECRET_KEY', accepted, (text) =>
    text.length >= minSecretKeyLength ? text : null,
  )
  // Servers that share a database have to share the key, so none of them may invent one.
  if (isRequired && reader.text('SECRET_KEY') === null)
    reader.reject('SECRET_KEY', `${accepted} when DATABASE_URL is set`)
  return key
}

function readFirstAdmin(reader: EnvironmentReader): Config['firstAdmin'] {
  const email = reader.parsed('ADMIN_EMAIL', 'an e-mail address', matching(/^[^\s@]+@[^\s@]+$/))
  const password = reader.parsed('ADMIN_PASSWORD', 'at least 10 characters', (text) =>
    text.length >= 10 ? text : null,
  )
  const hasEmail = reader.text('ADMIN_EMAIL') !== null
  if (hasEmail !== (reader.text('ADMIN_PASSWORD') !== null)) {
    reader.reject(
      hasEmail ? 'ADMIN_PASSWORD' : 'ADMIN_EMAIL',
      'set together with the other: ADMIN_EMAIL and ADMIN_PASSWORD',
    )
  }
  return email !== null && password !== null ? Object.freeze({ email, password }) : null
}

function readCarrier(reader: EnvironmentReader, publicUrl: string | null): CarrierConfig {
  const kind = reader.choice('CARRIER', 'simulated', ['simulated', 'twilio'])
  const live = kind === 'twilio'
  const apiBaseUrl = reader.parsed(
    'TWILIO_API_BASE_URL',
    'an http or https address without a path',
    parseOrigin,
  )
  const embedded = !live && reader.text('TWILIO_API_BASE_URL') === null
  const isLocal = apiBaseUrl === null || isLoopbackHost(new URL(apiBaseUrl).hostname)
  const sidForm = live && apiBaseUrl === null ? /^AC[0-9a-f]{32}$/i : /^[\w-]{1,64}$/
  const accountSid = reader.parsed(
    'TWILIO_ACCOUNT_SID',
    'the AC… account SID from the carrier',
    matching(sidForm),
  )
  const authToken = reader.text('TWILIO_AUTH_TOKEN')

  if (live || !isLocal) {
    const reason = live ? 'when CARRIER is twilio' : 'when TWILIO_API_BASE_URL is on another machine'
    if (reader.text('TWILIO_ACCOUNT_SID') === null) reader.reject('TWILIO_ACCOUNT_SID', `set ${reason}`)
    if (authToken === null) reader.reject('TWILIO_AUTH_TOKEN', `set ${reason}`)
    if (publicUrl === null && reader.text('PUBLIC_URL') === null) reader.reject('PUBLIC_URL', `set ${reason}`)
  }
  // Whatever answers there would ring real phones with every guard for live carriers switched off.
  if (!live && apiBaseUrl !== null && /(^|\.)twilio\.com$/.test(new URL(apiBaseUrl).hostname)) {
    reader.reject('TWILIO_API_BASE_URL', 'the address of a simulated carrier unless CARRIER is twilio')
  }
  return Object.freeze({
    kind,
    live,
    embedded,
    accountSid: accountSid ?? simulatedAccountSid,
    authToken: authToken ?? simulatedAuthToken,
    apiBaseUrl: apiBaseUrl ?? (live ? 'https://api.twilio.com' : null),
    port: reader.number('CARRIER_PORT', 0, { min: 0, max: 65_535 }),
    seed: reader.number('CARRIER_SEED', 1, { min: 0, max: 4_294_967_295 }),
    speed: reader.number('CARRIER_SPEED', 1, { min: 0.01, max: 1_000_000, whole: false }),
    profile: reader.text('CARRIER_PROFILE'),
    callsPerSecond: reader.number('CALLS_PER_SECOND', live ? 1 : 200, {
      min: 0.01,
      max: 100_000,
      whole: false,
    }),
    maxConcurrentCalls: reader.number('MAX_CONCURRENT_CALLS', live ? 20 : 1_000, { min: 1, max: 1_000_000 }),
    unknownAfterSeconds: reader.number('UNKNOWN_AFTER_SECONDS', 120, { min: 1, max: 86_400 }),
  })
}

function readPayments(reader: EnvironmentReader): Config['payments'] {
  return Object.freeze({
    stripeSecretKey: reader.text('STRIPE_SECRET_KEY'),
    stripeApiBaseUrl: reader.parsed(
      'STRIPE_API_BASE_URL',
      'an http or https address without a path',
      parseOrigin,
    ),
    currency: reader.parsed('PAYMENT_CURRENCY', 'a currency code like usd', currencyCode) ?? 'usd',
  })
}

function currencyCode(text: string): string | null {
  return /^[a-z]{3}$/i.test(text) ? text.toLowerCase() : null
}

function readClockStart(reader: EnvironmentReader, live: boolean): Date | null {
  const start = reader.parsed('CLOCK_START', 'an instant like 2026-11-20T08:00:00Z', parseInstant)
  if (live && start !== null) {
    reader.complain(
      'CLOCK_START',
      'CLOCK_START is set, but CARRIER is twilio: a live carrier runs on real time only.',
    )
  }
  return start
}

function readFailpoints(reader: EnvironmentReader, live: boolean): Failpoints | null {
  const failpoints = reader.parsed(
    'FAILPOINTS',
    'count, or a list like claim.committed@2=kill',
    parseFailpoints,
  )
  if (live && failpoints !== null) {
    reader.complain(
      'FAILPOINTS',
      'FAILPOINTS is set, but CARRIER is twilio: nothing is made to fail while real phones ring.',
    )
  }
  return failpoints
}

function readTrustedProxies(reader: EnvironmentReader): readonly string[] {
  const accepted = 'a list like 10.0.0.0/8, 192.0.2.7'
  const ranges = reader.parsed('TRUSTED_PROXIES', accepted, parseAddressRanges)
  return Object.freeze(ranges ?? [])
}
