/** What stands behind the ports of this installation, by its configuration; the only place that chooses it. */
import { join } from 'node:path'
import { startCarrier, type RunningCarrier } from '../simulator/carrier.ts'
import { readProfile } from '../simulator/main.ts'
import type { Mailer } from './accounts/mail.ts'
import type { Payments } from './accounts/payment.ts'
import { createSimulatedPayments } from './accounts/simulated-payments.ts'
import type { Config } from './config.ts'
import { createEmbeddedSpeech } from './speech/embedded-speech.ts'
import { createHttpSpeech } from './speech/http-speech.ts'
import type { Speech } from './speech/speech.ts'

// Adapters that few installations have are loaded by those that do.

export async function choosePayments({
  stripeSecretKey,
  stripeApiBaseUrl,
}: Config['payments']): Promise<Payments> {
  if (stripeSecretKey === null) return createSimulatedPayments()
  const { createStripePayments } = await import('./accounts/stripe-payments.ts')
  return createStripePayments(stripeSecretKey, stripeApiBaseUrl)
}

export async function chooseMailer({ smtpUrl, mailFrom }: Config): Promise<Mailer | null> {
  if (smtpUrl === null) return null
  const { createSmtpMailer } = await import('./accounts/smtp-mailer.ts')
  return createSmtpMailer(smtpUrl, mailFrom)
}

export function chooseSpeech(config: Config): Speech | null {
  if (config.speech === 'carrier') return null
  return config.speech === 'embedded' ? createEmbeddedSpeech() : createHttpSpeech(config.speech.address)
}

/** The simulated carrier, inside this process. */
export function startPhones(config: Config): Promise<RunningCarrier> {
  return startCarrier({
    port: config.carrier.port,
    host: '127.0.0.1',
    accountSid: config.carrier.accountSid,
    authToken: config.carrier.authToken,
    ledgerPath: join(config.dataDir, 'carrier', 'carrier-ledger.jsonl'),
    seed: config.carrier.seed,
    speed: config.carrier.speed,
    profile: readProfile(config.carrier.profile ?? 'default'),
    ...(config.callerId === null ? {} : { verifiedNumbers: [config.callerId] }),
  })
}
