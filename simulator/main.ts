/** The simulated carrier as a program of its own: `tsx simulator/main.ts --port 8001 --data DIR`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startCarrier, type CarrierOptions, type RunningCarrier } from './carrier.ts'
import { parseFault, parseRange } from './fault-settings.ts'
import type { FaultSettings } from './faults.ts'
import { parseProfile, PROFILES, type Profile } from './profile.ts'

/** The account that the simulated carrier has unless told otherwise. It opens nothing but the simulation. */
export const SIMULATED_ACCOUNT_SID = `AC${'5'.repeat(32)}`
export const SIMULATED_AUTH_TOKEN = 'simulated-carrier'

export const CARRIER_USAGE = `Usage: carrier [options]
  --port N                   port to listen on (8001; 0 takes any)
  --host ADDRESS             address to listen on (127.0.0.1)
  --data DIR                 folder of the ledger (./data/carrier)
  --seed TEXT                same seed, same people (1)
  --speed N                  divides ringing and talking time (1)
  --profile NAME|FILE|JSON   default, all-answer, or one of your own
  --account-sid, --auth-token
  --verified NUMBER          a number the account may show (repeatable)
  --inbound-url URL          where texts to the account's numbers are told
  --calls-per-second N       calls above this rate wait in the carrier's queue
  --accept-delay MS-MS       waited before a call is accepted
  --answer-delay MS-MS       waited before the answer is sent
  --callback-delay MS-MS     how late the fault callbacks-delayed is
  --list-lag SECONDS         how long a new call is absent from lists
  --money-for CALLS          calls accepted before the account runs out of money
  --keep-alive-timeout MS    idle connections are closed after this time
  --fault NAME[:PERCENT]     something that goes wrong (repeatable)`

/** Turns command line arguments into options. Throws an Error with a sentence for people. */
export function carrierOptions(args: readonly string[]): CarrierOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8001' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string', default: join('data', 'carrier') },
      seed: { type: 'string', default: '1' },
      speed: { type: 'string', default: '1' },
      profile: { type: 'string', default: 'default' },
      'account-sid': { type: 'string', default: SIMULATED_ACCOUNT_SID },
      'auth-token': { type: 'string', default: SIMULATED_AUTH_TOKEN },
      verified: { type: 'string', multiple: true, default: [] },
      'inbound-url': { type: 'string' },
      'calls-per-second': { type: 'string' },
      'accept-delay': { type: 'string', default: '0' },
      'answer-delay': { type: 'string', default: '0' },
      'callback-delay': { type: 'string', default: '1000-10000' },
      'list-lag': { type: 'string', default: '0' },
      'money-for': { type: 'string' },
      'keep-alive-timeout': { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
    },
  })
  const faults: Partial<FaultSettings> = {
    percent: Object.fromEntries(values.fault.map(parseFault)),
    acceptDelayMs: parseRange(values['accept-delay']),
    answerDelayMs: parseRange(values['answer-delay']),
    callbackDelayMs: parseRange(values['callback-delay']),
    listLagSeconds: positive(values['list-lag'], 'list-lag'),
    moneyForCalls: values['money-for'] === undefined ? null : positive(values['money-for'], 'money-for'),
  }
  const callsPerSecond = values['calls-per-second']
  const keepAlive = values['keep-alive-timeout']
  const speed = positive(values.speed, 'speed')
  if (speed === 0) throw new Error('--speed must be more than 0.')
  return {
    port: positive(values.port, 'port'),
    host: values.host,
    accountSid: values['account-sid'],
    authToken: values['auth-token'],
    ledgerPath: join(values.data, 'carrier-ledger.jsonl'),
    seed: values.seed,
    speed,
    profile: readProfile(values.profile),
    verifiedNumbers: values.verified,
    inboundUrl: values['inbound-url'],
    callsPerSecond: callsPerSecond === undefined ? undefined : positive(callsPerSecond, 'calls-per-second'),
    keepAliveTimeoutMs: keepAlive === undefined ? undefined : positive(keepAlive, 'keep-alive-timeout'),
    faults,
  }
}

/** Starts a carrier from command line arguments. Whoever calls it closes it. */
export function runCarrier(args: readonly string[]): Promise<RunningCarrier> {
  return startCarrier(carrierOptions(args))
}

/** A profile by its name, as inline JSON, or from a JSON file. */
export function readProfile(text: string): Profile {
  if (text === 'default' || text === 'all-answer') return PROFILES[text]
  return parseProfile(text.trimStart().startsWith('{') ? text : readFileSync(text, 'utf8'))
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new Error(`--${name} must be a number from 0, not "${text}".`)
  return value
}

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    process.stdout.write(`${CARRIER_USAGE}\n`)
    return
  }
  const carrier = await runCarrier(args)
  process.stdout.write(`${JSON.stringify({ url: carrier.url, defaultNumber: carrier.defaultNumber })}\n`)
  const stop = (): void => {
    carrier.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

// Judged by the name, because a bundle that contains this file has the same import.meta.url as its entry.
if (/[\\/]simulator[\\/]main\.[cm]?[jt]s$/.test(process.argv[1] ?? '')) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(2)
  })
}
