/** A Trunkline of its own for measuring: the built server as a process, an admin, and its records. */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts'
import { connect, type Sql } from '../src/db/sql.ts'
import { silentLog } from '../src/log.ts'

const root = resolve(import.meta.dirname, '..')
/** As `npm start` runs it. */
const serverFlags = (process.env['NODE_FLAGS'] ?? '--max-semi-space-size=32 --heap-growing-percent=80').split(
  ' ',
)
const admin = { email: 'admin@bench.test', password: 'bench-password' }

export type BenchServer = {
  url: string
  pid: number
  /** Seconds from the start of the process to the first answer. */
  startSeconds: number
  headers: Record<string, string>
  /** The most memory it held, in megabytes. */
  peakMb(): number
  stop(): Promise<void>
}

export type Bench = {
  sql: Sql
  secretKey: string
  carrier: Carrier
  server: BenchServer
  /** What is used of the processors from here on counts; else all that was used since the start. */
  begin(): void
  /** Ends everything that was started and prints the figures; a check that is false ends the program with 1. */
  finish(figures: {
    name: string
    count: number
    seconds: number
    checks: Record<string, boolean>
  }): Promise<void>
}

/** A PostgreSQL with full durability, the lean carrier and the built server, each a process of its own. */
export async function startBench(options: {
  carrier?: Record<string, string>
  server?: Record<string, string>
}): Promise<Bench> {
  const secretKey = 'a-secret-key-for-measuring-only-000000'
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'))
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silentLog })
  const sql = connect(postgres.url, { max: 2 })
  const carrier = await startPeersCarrier(options.carrier)
  const server = await startBenchServer({
    DATABASE_URL: postgres.url,
    SECRET_KEY: secretKey,
    DATA_DIR: folder,
    TWILIO_API_BASE_URL: carrier.url,
    TWILIO_ACCOUNT_SID: account.sid,
    TWILIO_AUTH_TOKEN: account.token,
    CALLER_ID: '+15550000000',
    CALLS_PER_SECOND: '20000',
    ...options.server,
  })
  const parts = { program: server.pid, carrier: carrier.pid, postgres: postmasterOf(folder) }
  let before = new Map<number, number>()
  return {
    sql,
    secretKey,
    carrier,
    server,
    begin() {
      before = new Map(Object.values(parts).map((pid) => [pid, cpuSeconds(pid)]))
    },
    async finish({ name, count, seconds, checks }) {
      const cpu = Object.fromEntries(
        Object.entries(parts).map(([part, pid]) => [
          part,
          Math.round((cpuSeconds(pid) - (before.get(pid) ?? 0)) * 10) / 10,
        ]),
      )
      const cpuSum = Object.values(cpu).reduce((sum, one) => sum + one, 0)
      const rssMb = server.peakMb()
      await server.stop()
      await carrier.stop()
      await sql.end()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
      const perSecond = Math.round(count / seconds)
      console.log(
        JSON.stringify({
          name,
          perSecond,
          count,
          seconds: Math.round(seconds * 10) / 10,
          rssMb,
          cpuSeconds: cpu,
          perCpuSecond: Math.round(count / cpuSum),
          checks,
        }),
      )
      if (Object.values(checks).includes(false)) process.exitCode = 1
    },
  }
}

export type Carrier = { url: string; pid: number; stop(): Promise<void> }

/** The account that the carriers of the peers take. */
export const account = { sid: `AC${'0'.repeat(32)}`, token: 'peers-measure-with-this' }

/** The lean carrier that the peers are measured with. */
export async function startPeersCarrier(env: Record<string, string> = {}): Promise<Carrier> {
  const child = fork(resolve(root, 'bench/peers/carrier.mjs'), { env: { ...process.env, PORT: '0', ...env } })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => ended(child) }
}

/** Starts the built server (`npm run build`) with this environment and signs in. */
export async function startBenchServer(env: Record<string, string>): Promise<BenchServer> {
  const port = 20_000 + (process.pid % 20_000)
  const startedMs = performance.now()
  const child = spawn(process.execPath, [...serverFlags, 'bin/trunkline.mjs', 'start'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      ...env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  await answering(url, child)
  const startSeconds = (performance.now() - startedMs) / 1_000
  const login = await json<{ access: string }>(`${url}/api/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: admin.email, password: admin.password }),
  })
  const pid = child.pid ?? 0
  return {
    url,
    pid,
    startSeconds,
    headers: { authorization: `Bearer ${login.access}` },
    peakMb: () =>
      Math.round(
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024,
      ),
    stop: () => ended(child),
  }
}

/** Makes a campaign of `count` numbers through the API and begins it. Returns its id. */
export async function beginBenchCampaign(bench: Bench, count: number, message: string): Promise<number> {
  const lines = Array.from({ length: count }, (_, index) => `+1${2_125_550_000 + index}`)
  const form = new FormData()
  form.set('name', `Bench of ${count}`)
  form.set('services', 'PHONE')
  form.set(
    'send_to_number_file',
    new Blob([`number\n${lines.join('\n')}\n`], { type: 'text/csv' }),
    'numbers.csv',
  )
  const { server } = bench
  const { url, headers } = server
  const created = await json<{ data: { details: { id: number } } }>(`${url}/api/system/campaigns/`, {
    method: 'POST',
    headers,
    body: form,
  })
  const { id } = created.data.details
  await until('the import is done', 120, async () => {
    const details = await campaignDetails(server, id)
    return Object.values(details.progress).reduce((sum, one) => sum + one, 0) >= count
  })
  bench.begin()
  await json(`${url}/api/system/campaigns/${id}/begin/`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  })
  return id
}

export async function campaignDetails(
  server: BenchServer,
  id: number,
): Promise<{ status: string; progress: Record<string, number> }> {
  const answer = await json<{ data: { details: { status: string; progress: Record<string, number> } } }>(
    `${server.url}/api/system/campaigns/${id}/details/`,
    { headers: server.headers },
  )
  return answer.data.details
}

export async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + seconds * 1_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`)
    await new Promise((next) => setTimeout(next, 250))
  }
}

async function json<Body>(url: string, init: RequestInit): Promise<Body> {
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`)
  return JSON.parse(text) as Body
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  await until('the server answers', 60, async () => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    return fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    )
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

/** The process id of the PostgreSQL embedded in this data folder. */
export function postmasterOf(dataDir: string): number {
  const file = readFileSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  return Number(file.split('\n')[0])
}

/** Processor seconds so far of a process and its children, those that ended included. */
export function cpuSeconds(parent: number): number {
  const ticksPerSecond = 100
  const stats = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return [
          {
            pid: Number(pid),
            parent: Number(fields[1]),
            ticks: Number(fields[11]) + Number(fields[12]),
            ofEnded: Number(fields[13]) + Number(fields[14]),
          },
        ]
      } catch {
        return [] // It ended meanwhile.
      }
    })
  const own = stats.filter((one) => one.pid === parent || one.parent === parent)
  const ofEnded = stats.find((one) => one.pid === parent)?.ofEnded ?? 0
  return own.reduce((sum, one) => sum + one.ticks, ofEnded) / ticksPerSecond
}
