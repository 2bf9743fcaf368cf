/**
 * What the fault commands share: a PostgreSQL with full durability, the simulated carrier and any number of servers,
 * each a process of its own, and the two judges at the end. Ends only processes that it started.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReferences } from '../../src/calls/call-reference.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../../src/config.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/db/embedded-postgres.ts'
import { connect, type Sql } from '../../src/db/sql.ts'
import { audit } from '../../src/dialer/audit.ts'
import { silentLog } from '../../src/log.ts'
import { createTextReferences } from '../../src/messages/text-reference.ts'
import { ledgerTexts, type LedgerText } from '../../simulator/ledger-texts.ts'
import { judgeTextLedger, ownTexts } from '../texts.ts'
import { ledgerCalls, type LedgerCall } from '../../simulator/ledger-calls.ts'
import { judgeLedger, ownCalls, type Limits } from '../ledger-judge.ts'

export const secretKey = 'a-secret-key-that-only-fault-tests-have'
const admin = { email: 'admin@example.test', password: 'a-password-for-faults' }
const root = new URL('../..', import.meta.url).pathname

export type RigOptions = {
  callsPerSecond: number
  maxConcurrentCalls: number
  unknownAfterSeconds: number
  seed: number
  speed: number
  profile: string
  /** More arguments of the simulated carrier. */
  carrier: readonly string[]
}

export type Server = { url: string; process: ChildProcess }
export type Rig = {
  folder: string
  sql: Sql
  ledgerPath: string
  carrierUrl: string
  /** Starts a server; resolves when it answers. */
  startServer(): Promise<Server>
  close(): Promise<void>
}

export async function createRig(options: RigOptions): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-faults-'))
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log: silentLog })
  const carrierPort = await freePort()
  const carrierArguments = {
    '--port': String(carrierPort),
    '--data': join(folder, 'carrier'),
    '--account-sid': simulatedAccountSid,
    '--auth-token': simulatedAuthToken,
    '--seed': String(options.seed),
    '--speed': String(options.speed),
    '--profile': options.profile,
  }
  const program = ['--import', 'tsx', 'simulator/main.ts']
  const carrier = start(
    'carrier',
    folder,
    program.concat(Object.entries(carrierArguments).flat(), options.carrier),
  )
  const carrierUrl = `http://127.0.0.1:${carrierPort}`
  await answering(`${carrierUrl}/simulator/summary`, carrier)
  const sql = connect(postgres.url, { max: 4 })
  const servers: Server[] = []
  // One port for all lives of a server: the carrier's webhooks find the next one where the last one was.
  const port = await freePort()
  return {
    folder,
    sql,
    carrierUrl,
    ledgerPath: join(folder, 'carrier', 'carrier-ledger.jsonl'),
    async startServer() {
      const others = servers.filter((one) => one.process.exitCode === null && one.process.signalCode === null)
      const server = startServer(options, { folder, postgres, carrierUrl, port: port + others.length })
      servers.push(server)
      await answering(`${server.url}/healthz`, server.process)
      return server
    },
    async close() {
      for (const child of [...servers.map((server) => server.process), carrier]) await kill(child)
      await sql.end({ timeout: 1 })
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function startServer(
  options: RigOptions,
  place: { folder: string; postgres: EmbeddedPostgres; carrierUrl: string; port: number },
): Server {
  const url = `http://127.0.0.1:${place.port}`
  const environment = {
    DATABASE_URL: place.postgres.url,
    DATA_DIR: join(place.folder, 'server'),
    SECRET_KEY: secretKey,
    HOST: '127.0.0.1',
    PORT: String(place.port),
    TWILIO_API_BASE_URL: place.carrierUrl,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    CALLS_PER_SECOND: String(options.callsPerSecond),
    MAX_CONCURRENT_CALLS: String(options.maxConcurrentCalls),
    UNKNOWN_AFTER_SECONDS: String(options.unknownAfterSeconds),
    LOG_LEVEL: 'warn',
  }
  return { url, process: start('server', place.folder, ['bin/trunkline.mjs', 'start'], environment) }
}

function start(
  name: string,
  folder: string,
  args: string[],
  environment: Record<string, string> = {},
): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'a')
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment }
  return spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', log, log] })
}

/** Ends a process as a power cut would, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  await until(`${url} answers`, 60_000, async () => {
    if (child.exitCode !== null) throw new Error(`the process behind ${url} ended with ${child.exitCode}`)
    return fetch(url).then(
      (answer) => answer.body?.cancel().then(() => true) ?? true,
      () => false,
    )
  })
}

export async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not happen within ${withinMs} ms: ${what}`)
    await new Promise((next) => setTimeout(next, 10))
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  return typeof address === 'object' && address ? address.port : 0
}

/** Makes a campaign and begins it, as a program would. Returns its run. */
export async function beginByHttp(
  rig: Rig,
  server: Server,
  numbers: readonly string[],
  services: 'PHONE' | 'SMS' = 'PHONE',
): Promise<{ runId: number }> {
  const post = async (path: string, body: unknown, token?: string): Promise<Record<string, unknown>> => {
    const headers = {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    }
    const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
    return JSON.parse(text) as Record<string, unknown>
  }
  const { access } = (await post('/api/token/', { ...admin })) as { access: string }
  const campaign = { name: 'Faults', services, individual_number: numbers }
  await post('/api/system/campaigns/', campaign, access)
  const [row] = await rig.sql<{ id: number }[]>`select id from campaigns order by id desc limit 1`
  await post(`/api/system/campaigns/${row?.id ?? 0}/begin/`, { message: 'This is a message.' }, access)
  const [run] = await rig.sql<{ id: number }[]>`select id from runs order by id desc limit 1`
  return { runId: run?.id ?? 0 }
}

export async function runEnded(rig: Rig, runId: number): Promise<boolean> {
  const [row] = await rig.sql<{ over: boolean }[]>`
    select (select state from runs where id = ${runId}) = 'completed'
           and not exists (select from calls where phase in ('open', 'waiting'))
           and not exists (select from texts where phase in ('open', 'waiting', 'sent')) as over`
  return row?.over === true
}

export type Judged = { ledger: LedgerCall[]; findings: string[] }

/** By the carrier's ledger and by the audit of the records. */
export async function judge(
  rig: Rig,
  runs: readonly { runId: number; numbers: readonly string[] }[],
  limits: Limits,
): Promise<Judged> {
  const ledger = await ledgerCalls(rig.ledgerPath)
  const eligible = runs.flatMap(({ runId, numbers }) => numbers.map((to) => ({ runId, to })))
  const references = createReferences(secretKey)
  const found = judgeLedger({ ledger, own: await ownCalls(rig.sql), eligible, references, limits })
  const records = await audit(rig.sql, new Date())
  const findings = [
    ...found.map(({ rule, detail }) => `ledger ${rule}: ${detail}`),
    ...records.findings.map(({ rule, subject, detail }) => `audit ${rule}: ${subject}: ${detail}`),
  ]
  return { ledger, findings }
}

/** The same for texts: everybody exactly once. */
export async function judgeTexts(
  rig: Rig,
  numbers: readonly string[],
  limits: { mostPerSecond?: number } = {},
): Promise<{ ledger: LedgerText[]; findings: string[] }> {
  const ledger = await ledgerTexts(rig.ledgerPath)
  const references = createTextReferences(secretKey)
  const own = await ownTexts(rig.sql)
  const found = judgeTextLedger({ ledger, own, people: numbers, references, ...limits })
  const records = await audit(rig.sql, new Date())
  const findings = [
    ...found.map((detail) => `ledger ${detail}`),
    ...records.findings.map(({ rule, subject, detail }) => `audit ${rule}: ${subject}: ${detail}`),
  ]
  return { ledger, findings }
}

/** Prints figures, findings and, when there are any, what the processes said; ends with 1 then. */
export function report(rig: Rig, figures: Record<string, unknown>, findings: readonly string[]): void {
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(28)} ${String(value)}\n`)
  process.stdout.write(`${'findings'.padEnd(28)} ${findings.length}\n`)
  for (const finding of findings.slice(0, 20)) process.stdout.write(`  ${finding}\n`)
  if (findings.length === 0) return
  process.exitCode = 1
  const log = readFileSync(join(rig.folder, 'server.log'), 'utf8')
  process.stdout.write(`the server's last words:\n${log.slice(-2_000)}\n`)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Distinct fictional numbers. */
export function people(count: number, area = 212): string[] {
  return Array.from(
    { length: count },
    (_, index) => `+1${area + Math.floor(index / 9_000)}${5_550_000 + (index % 9_000)}`,
  )
}
