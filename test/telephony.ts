/** A telephone line that nobody uses: real parts that are never started, for tests of what stands before them. */
import type { Telephony } from '../src/app.ts'
import { createReferences } from '../src/calls/call-reference.ts'
import { numberUser } from '../src/campaigns/number-user.ts'
import { createTwilioCarrier } from '../src/carriers/twilio-carrier.ts'
import type { Clock } from '../src/clock.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../src/config.ts'
import { createDialer, type Dialer } from '../src/dialer/dialer.ts'
import { createBodyHash } from '../src/messages/body-hash.ts'
import { createTextQueue } from '../src/messages/text-queue.ts'
import { createTextReferences } from '../src/messages/text-reference.ts'
import { deriveKey } from '../src/http/derived-key.ts'
import { createAudioAddresses } from '../src/speech/audio-address.ts'
import { silentLog, type Log } from '../src/log.ts'
import { createOtpCodes } from '../src/otp/otp-code.ts'
import { createNumberKeeper } from '../src/numbers/number-keeper.ts'
import type { TestDatabase } from './database.ts'

export const ownedNumber = '+18005550100'

const publicOrigin = () => 'http://127.0.0.1:9'

/** `carrierUrl`: a carrier that answers, for tests of what is asked of it; nobody is rung all the same. */
export async function quietTelephony(
  database: TestDatabase,
  clock: Clock,
  {
    secretKey,
    carrierUrl,
    log,
  }: { secretKey: string; carrierUrl?: string | undefined; log?: Log | undefined },
): Promise<Telephony & { dialer: Dialer }> {
  const carrier = createTwilioCarrier({
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    apiUrl: carrierUrl ?? 'http://127.0.0.1:9',
    live: false,
    placeConnections: 20,
  })
  const references = createReferences(secretKey)
  const textReferences = createTextReferences(secretKey)
  const hashBody = createBodyHash(secretKey)
  const otpCodes = createOtpCodes(secretKey)
  const dialer = await createDialer({
    sql: database.sql,
    databaseUrl: database.url,
    carrier,
    clock,
    log: log ?? silentLog,
    references,
    publicOrigin,
    addresses: createAudioAddresses(deriveKey(secretKey, 'audio addresses')),
    callsPerSecond: 200,
    maxConcurrentCalls: 100,
    unknownAfterMs: 120_000,
    workerName: 'test',
    sweepStoppedRuns: async () => 0,
    texts: { references: textReferences, hashBody },
    otpCodes,
  })
  const queueText = createTextQueue({ carrierAccountId: dialer.carrierAccountId, hashBody })
  const numbers = createNumberKeeper({
    sql: database.sql,
    carrier,
    carrierAccountId: dialer.carrierAccountId,
    clock,
    sidKey: Buffer.alloc(32, 7),
    configured: carrierUrl === undefined ? ownedNumber : null,
    worker: () => null,
    usedBy: numberUser,
  })
  return { carrier, numbers, references, textReferences, queueText, otpCodes, dialer, publicOrigin }
}
