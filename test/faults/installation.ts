/**
 * A whole installation made of processes: the simulated carrier with its ledger, any number of servers on one
 * PostgreSQL, and at the end the judge. What the carrier's ledger says is the truth.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createReferences, type CallName } from '../../src/calls/call-reference.ts'
import { signRequest } from '../../simulator/signature.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../../src/config.ts'
import { borrowEmbeddedPostgres } from '../../src/db/embedded-postgres.ts'
import { connect, type Sql } from '../../src/db/sql.ts'
import { silentLog } from '../../src/log.ts'
import { NO_FAULTS, type FaultSettings } from '../../simulator/faults.ts'
import { admin, begin, makeCampaign, signIn, type Client } from './client.ts'
import type { Ground } from './ground.ts'
import { freePorts, isAlive, kill, startNode, until, type Started } from './processes.ts'

export const secretKey = 'a-secret-key-that-only-fault-tests-have'
export const references = createReferences(secretKey)
/** How `npm start` starts Node. */
export const asShipped = ['--max-semi-space-size=32', '--heap-growing-percent=80']
/** Given to every carrier that says nothing else: against one that answers at once, a naive dialer looks sound. */
const slowCarrier = { acceptDelayMs: [0, 300], answerDelayMs: [50, 500] } satisfies Partial<FaultSettings>

export type RigOptions = {
  callsPerSecond?: number
  maxConcurrentCalls?: number
  unknownAfterSeconds?: number
  /** Divides ringing and talking. */
  speed?: number
  profile?: string
  /** The server speaks the messages and the carrier fetches them; else the carrier says them itself. */
  spoken?: boolean
  faults?: Partial<FaultSettings>
  /** More of the servers' environment, by slot. */
  environment?: (slot: number) => Record<string, string>
  /** The servers' way to the database; null: each brings its own. The ground's own address unless said otherwise. */
  database?: ((url: string) => Promise<string>) | null
  slots?: number
}

export type Server = Started & { slot: number; url: string }
/** Everybody who must have been called. */
export type Wanted = { runId: number; numbers: readonly string[] }

export type Rig = {
  folder: string
  sql: Sql
  carrierUrl: string
  ledgerPath: string
  wanted: Wanted[]
  /** Everybody who must have been texted, exactly once. */
  texted: string[]
  /** What the row found beside what the judge will find. */
  findings: string[]
  origin(slot: number): string
  /** Starts the server of a slot; resolves when it answers, or at once when it is not waited for. */
  start(how?: { slot?: number; failpoints?: string; wait?: boolean }): Promise<Server>
  living(): Server[]
  setFaults(faults: Partial<FaultSettings>): Promise<void>
  /** Calls the carrier accepted so far. */
  accepted(): Promise<number>
  /** Texts the carrier accepted so far. */
  acceptedTexts(): Promise<number>
  /** Makes a campaign and begins it; everybody in it must be called. */
  beginRun(numbers: readonly string[], url?: string): Promise<Wanted & { campaignId: number }>
  /** The same with texts. */
  beginTexts(numbers: readonly string[]): Promise<void>
  client(): Promise<Client>
  log(slot?: number): string
  /** Empty when the server of this slot was never started. */
  logIfAny(slot?: number): string
  close(): Promise<void>
}

export async function createRig(ground: Ground, options: RigOptions = {}): Promise<Rig> {
  const slots = options.slots ?? 1
  const folder = ground.newFolder()
  const [carrierPort = 0, ...ports] = await freePorts(slots + 1)
  const carrierUrl = `http://127.0.0.1:${carrierPort}`
  const faults = { ...NO_FAULTS, ...slowCarrier, ...options.faults }
  const carrierProgram = [ground.carrier, ...carrierArguments(ground, options, { port: carrierPort, folder })]
  const carrier = startNode(carrierProgram, join(folder, 'carrier.log'))
  const own = options.database === null
  const databaseUrl = own ? null : await ground.newDatabase()
  const serverDatabase =
    databaseUrl === null ? null : ((await options.database?.(databaseUrl)) ?? databaseUrl)
  let sql = databaseUrl === null ? null : connect(databaseUrl, { max: 4 })
  const servers: Server[] = []
  let client: Client | null = null
  const wanted: Wanted[] = []
  const texted: string[] = []
  const origin = (slot: number): string => `http://127.0.0.1:${ports[slot] ?? 0}`

  const rig: Rig = {
    folder,
    get sql() {
      if (sql === null) throw new Error('no server has brought its PostgreSQL yet')
      return sql
    },
    carrierUrl,
    ledgerPath: join(folder, 'carrier', 'carrier-ledger.jsonl'),
    wanted,
    texted,
    findings: [],
    origin,
    async start({ slot = 0, failpoints, wait = true } = {}) {
      const environment = {
        ...serverEnvironment(options, carrierUrl),
        ...(serverDatabase === null ? {} : { DATABASE_URL: serverDatabase }),
        DATA_DIR: join(folder, own ? 'data' : `data-${slot}`),
        PORT: String(ports[slot] ?? 0),
        ...(failpoints === undefined ? {} : { FAILPOINTS: failpoints }),
        ...options.environment?.(slot),
      }
      const started = startNode(
        [...asShipped, ground.program, 'start'],
        join(folder, `server-${slot}.log`),
        environment,
      )
      const server = { ...started, slot, url: origin(slot) }
      servers.push(server)
      if (wait) await answering(`${server.url}/healthz`, server)
      if (own && wait) sql ??= connect(await urlOfOwn(environment.DATA_DIR), { max: 4 })
      return server
    },
    living: () => servers.filter(({ child }) => isAlive(child)),
    async setFaults(changes) {
      const body = JSON.stringify({ ...NO_FAULTS, ...slowCarrier, ...changes })
      const answer = await fetch(`${carrierUrl}/simulator/faults`, { method: 'PUT', body })
      if (!answer.ok) throw new Error(await answer.text())
    },
    accepted: async () => (await summaryOf(carrierUrl)).calls,
    acceptedTexts: async () => (await summaryOf(carrierUrl)).texts,
    async beginRun(numbers, url = origin(0)) {
      const who = await rig.client()
      const campaignId = await makeCampaign(url, who, numbers)
      const run = { runId: await begin(url, who, { campaignId }), numbers, campaignId }
      wanted.push(run)
      return run
    },
    async beginTexts(numbers) {
      const who = await rig.client()
      await begin(origin(0), who, { campaignId: await makeCampaign(origin(0), who, numbers, 'SMS') })
      texted.push(...numbers)
    },
    async client() {
      return (client ??= await signIn(rig.living()[0]?.url ?? origin(0)))
    },
    log: (slot = 0) => readFileSync(join(folder, `server-${slot}.log`), 'utf8'),
    logIfAny(slot = 0) {
      const path = join(folder, `server-${slot}.log`)
      return existsSync(path) ? readFileSync(path, 'utf8') : ''
    },
    async close() {
      for (const { child } of servers) await kill(child)
      await kill(carrier.child)
      await sql?.end({ timeout: 1 })
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  mkdirSync(join(folder, 'carrier'), { recursive: true })
  try {
    await answering(`${carrierUrl}/simulator/summary`, carrier)
    await rig.setFaults(faults)
  } catch (error) {
    await rig.close()
    throw error
  }
  return rig
}

function carrierArguments(
  { seed }: Ground,
  { speed = 20, profile = 'default' }: RigOptions,
  place: { port: number; folder: string },
): string[] {
  return Object.entries({
    '--port': String(place.port),
    '--data': join(place.folder, 'carrier'),
    '--account-sid': simulatedAccountSid,
    '--auth-token': simulatedAuthToken,
    '--seed': String(seed),
    '--speed': String(speed),
    '--profile': profile,
  }).flat()
}

function serverEnvironment(options: RigOptions, carrierUrl: string): Record<string, string> {
  return {
    SECRET_KEY: secretKey,
    HOST: '127.0.0.1',
    TWILIO_API_BASE_URL: carrierUrl,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    CALLS_PER_SECOND: String(options.callsPerSecond ?? 100),
    MAX_CONCURRENT_CALLS: String(options.maxConcurrentCalls ?? 200),
    UNKNOWN_AFTER_SECONDS: String(options.unknownAfterSeconds ?? 6),
    DEFAULT_REGION: 'US',
    SPEECH: options.spoken === true ? 'embedded' : 'carrier',
    LOG_LEVEL: 'warn',
  }
}

/** Asks twice: a connection that was kept may be closed in the moment it is used. */
async function summaryOf(carrierUrl: string): Promise<{ calls: number; texts: number }> {
  const ask = () => fetch(`${carrierUrl}/simulator/summary`)
  const answer = await ask().catch(ask)
  return answer.json() as Promise<{ calls: number; texts: number }>
}

/** The address of the PostgreSQL that a running server brought along. */
async function urlOfOwn(dataDir: string): Promise<string> {
  const borrowed = await borrowEmbeddedPostgres({ dataDir, log: silentLog })
  await borrowed.stop()
  return borrowed.url
}

async function answering(url: string, { child, logPath }: Started): Promise<void> {
  await until(`${url} answers`, 180_000, async () => {
    if (!isAlive(child))
      throw new Error(`${url} never answered: ${readFileSync(logPath, 'utf8').slice(-800)}`)
    return fetch(url).then(
      (answer) => answer.body?.cancel().then(() => true) ?? true,
      () => false,
    )
  })
}

/** Reports about a call as the carrier would, signed with its key. Returns the status of the answer. */
export async function sendWebhook(
  url: string,
  call: CallName,
  form: Record<string, string>,
): Promise<number> {
  const address = `${url}/hooks/voice/${references.encode(call)}/status`
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': signRequest(simulatedAuthToken, address, form),
  }
  const answer = await fetch(address, { method: 'POST', headers, body: new URLSearchParams(form).toString() })
  await answer.body?.cancel()
  return answer.status
}
