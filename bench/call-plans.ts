/**
 * The call plans of today (100 due of 10,000) and recorded calls, in requests per second, beside a peer that does the same
 * work on the same PostgreSQL, in turns. The built server through its API, with a token; a load process of 16 connections.
 *
 *   npm run build && npx tsx bench/call-plans.ts
 *
 * PEER_PYTHON and PEER_FOLDER name an interpreter with Django REST framework and a project with `seed.py N`, served by
 * gunicorn; without them the peer is bench/peers/limit-call-plans.mjs, which is written by hand for nothing else.
 * SECONDS: how long each measurement takes (5). ROUNDS: how often each (3).
 */
import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBench, until, type Bench } from './server.ts'

const plans = 10_000
const due = 100
const connections = 16
const secondsEach = Number(process.env['SECONDS'] ?? 5)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const database = 'peer'

type Order = {
  url: string
  authorization: string
  work: 'today' | 'record'
  seconds: number
  firstPlan: number
}
type Measured = { answers: number; wrong: number; seconds: number; p95Ms: number }
type Side = { name: string; url: string; authorization: string; firstPlan: number; stop(): Promise<void> }

const [order] = process.argv.slice(2)
if (order === undefined) await main()
else process.send?.(await load(JSON.parse(order) as Order))

async function main(): Promise<void> {
  const bench = await startBench({})
  await seed(bench)
  const [first] = await bench.sql<{ id: number }[]>`select min(id) as id from call_plans`
  const ours: Side = {
    name: 'trunkline',
    url: bench.server.url,
    authorization: bench.server.headers['authorization'] ?? '',
    firstPlan: Number(first?.id),
    stop: async () => {},
  }
  const peer = await startPeer(bench).catch(async (error: unknown) => {
    await bench.server.stop()
    throw error
  })
  const rows = []
  const checks: Record<string, boolean> = {}
  let count = 0
  let seconds = 0
  for (const work of ['today', 'record'] as const) {
    const perSecond: Record<string, number[]> = { [ours.name]: [], [peer.name]: [] }
    for (let round = 0; round < rounds; round += 1) {
      for (const side of [ours, peer]) {
        const measured = await measure({ ...side, work, seconds: secondsEach })
        perSecond[side.name]?.push(measured.answers / measured.seconds)
        checks[`${work}: every answer of ${side.name} is right`] ??= true
        if (measured.wrong > 0) checks[`${work}: every answer of ${side.name} is right`] = false
        if (side === ours) {
          count += measured.answers
          seconds += measured.seconds
        }
      }
    }
    const [own, other] = [median(perSecond[ours.name]), median(perSecond[peer.name])]
    rows.push({
      work,
      ours: Math.round(own),
      [peer.name]: Math.round(other),
      ratio: Math.round((own / other) * 100) / 100,
    })
  }
  const [recorded] = await bench.sql<{ plans: number; calls: number }[]>`
    select (select count(*)::int from call_plans where last_called is not null) as plans,
           (select count(*)::int from call_plan_calls) as calls`
  checks['recorded calls are in the history'] =
    (recorded?.calls ?? 0) > 0 && recorded?.plans === recorded?.calls
  await peer.stop()
  console.log(JSON.stringify({ connections, rounds, rows }, null, 2))
  await bench.finish({ name: 'trunkline-call-plans', count, seconds, checks })
}

/** One plan per lead; each hundredth is due today, the others in the days to come. */
async function seed({ sql }: Bench): Promise<void> {
  await sql`
    with made as (
      insert into leads (workspace_id, full_name, source, created_at, updated_at)
      select w.id, 'Lead ' || g, 'import', now(), now()
        from generate_series(1, ${plans}::int) g
       cross join (select min(id) as id from workspaces) w
      returning workspace_id, id)
    insert into call_plans (workspace_id, lead_id, frequency, next_call_date, notes, created_at, updated_at)
    select workspace_id, id, (array['DAILY', 'WEEKLY', 'BIWEEKLY', 'MONTHLY'])[1 + id % 4],
           case when id % ${plans / due}::int = 7 then date_trunc('day', now()) + interval '12 hours'
                else date_trunc('day', now()) + (2 + id % 30) * interval '1 day' end,
           'Follow-up call plan.', now(), now()
      from made`
  await sql.unsafe('vacuum analyze leads')
  await sql.unsafe('vacuum analyze call_plans')
}

async function startPeer(bench: Bench): Promise<Side> {
  const { host, port, pass, user } = bench.sql.options
  await bench.sql.unsafe(`create database ${database}`)
  const env = {
    ...process.env,
    PGHOST: [host].flat()[0] ?? '',
    PGPORT: String([port].flat()[0] ?? 5432),
    PGUSER: user ?? '',
    PGPASSWORD: typeof pass === 'string' ? pass : '',
    PGDATABASE: database,
  }
  const listen = 8_100 + (process.pid % 10_000)
  const python = process.env['PEER_PYTHON']
  const folder = process.env['PEER_FOLDER']
  const django = python !== undefined && folder !== undefined
  if (django) {
    const seeded = spawnSync(python, ['seed.py', String(plans)], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (seeded.status !== 0) throw new Error('The peer could not be seeded.')
  }
  const child = django
    ? spawn(python, ['-m', 'gunicorn', '-w', '2', '-b', `127.0.0.1:${listen}`, 'peer.wsgi'], {
        cwd: folder,
        env,
        stdio: 'ignore',
      })
    : fork(resolve(import.meta.dirname, 'peers/limit-call-plans.mjs'), {
        env: { ...env, PORT: String(listen), PLANS: String(plans), DUE: String(due) },
      })
  const url = `http://127.0.0.1:${listen}`
  await until('the peer answers', 60, () =>
    fetch(`${url}/call/today/`).then(
      (answer) => answer.ok,
      () => false,
    ),
  )
  const name = django ? 'django' : 'limit'
  return { name, url, authorization: '', firstPlan: 1, stop: () => ended(child) }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

async function measure(asked: Order): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(asked)])
  const [measured] = (await once(child, 'message')) as [Measured]
  await once(child, 'exit')
  return measured
}

/** Asks over kept connections until the time is up. */
async function load({ url, authorization, work, seconds, firstPlan }: Order): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const took: number[] = []
  let wrong = 0
  let turn = 0
  const startedMs = performance.now()
  const one = async (): Promise<void> => {
    while (performance.now() - startedMs < seconds * 1_000) {
      const beganMs = performance.now()
      const id = firstPlan + ((turn++ * 7_919) % plans)
      const right = await (work === 'today' ? askToday() : record(id))
      if (!right) wrong += 1
      took.push(performance.now() - beganMs)
    }
  }
  const askToday = async () => (await ask('GET', '/call/today/')).split('"id"').length === due + 1
  const body = JSON.stringify({ last_called: '2026-11-18T10:00:00Z' })
  const record = async (id: number) =>
    (await ask('POST', `/call/${id}/record_call/`, body)).includes('"last_called":"2026-11-18T10:00:00Z"')
  const ask = (method: string, path: string, payload?: string) =>
    new Promise<string>((done, failed) => {
      const headers = {
        ...(authorization === '' ? {} : { authorization }),
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      }
      const sent = request(url + path, { method, agent, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => done(text))
      })
      sent.on('error', failed)
      sent.end(payload)
    })
  await Promise.all(Array.from({ length: connections }, one))
  const took95 = took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? 0
  agent.destroy()
  return { answers: took.length, wrong, seconds: (performance.now() - startedMs) / 1_000, p95Ms: took95 }
}

function median(values: readonly number[] = []): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
