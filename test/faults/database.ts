/** What lies under the engine: PostgreSQL that restarts, is cut off, loses its answers, refuses, and runs out of space. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../../src/random.ts'
import { cableTo, type Cable } from '../cable.ts'
import { size, type Ground } from './ground.ts'
import type { Rig } from './installation.ts'
import { people } from './people.ts'
import { until } from './processes.ts'
import { inRig, type Figures, type Outcome, type Row } from './row.ts'

const callsPerSecond = 60

export const databaseRows: Row[] = [
  { name: 'database: restarted in every mode', run: restarted, fullOnly: true },
  { name: 'database: cut off, held up, and its answers lost', run: cutOff, fullOnly: true },
  { name: 'database: every connection taken', run: everyConnectionTaken },
  { name: 'database: serialization failures and deadlocks', run: refusing, fullOnly: true },
  { name: 'database: no space left', run: fullDisk },
]

/** Lets a run go on while something happens `times` times, evenly over its people. */
async function meanwhile(
  rig: Rig,
  { recipients, times }: { recipients: number; times: number },
  act: (round: number) => Promise<void>,
): Promise<Figures> {
  await rig.beginRun(people(recipients))
  for (let round = 0; round < times; round += 1) {
    const wanted = Math.floor((recipients / (times + 1)) * (round + 1))
    await until(`${wanted} calls`, 180_000, async () => (await rig.accepted()) >= wanted)
    await act(round)
  }
  return { recipients, times }
}

/** Smart, which waits for its clients and is then hurried; fast; immediate; and killed. */
const modes = [['SIGTERM', 'SIGINT'], ['SIGINT'], ['SIGQUIT'], ['SIGKILL']] as const

function restarted(ground: Ground): Promise<Outcome> {
  const options = { recipients: size(ground, 150, 1_000), times: size(ground, 4, 20) }
  return inRig(
    ground,
    { callsPerSecond, database: null },
    async (rig) => {
      await rig.start()
      const pidFile = join(rig.folder, 'data', 'postgres', 'cluster', 'postmaster.pid')
      return meanwhile(rig, options, async (round) => {
        for (const signal of modes[round % modes.length] ?? []) {
          signalPostmaster(pidFile, signal)
          await delay(1_000)
        }
        await until('PostgreSQL is back', 180_000, () => answers(rig))
      })
    },
    { withinMs: 180_000 },
  )
}

/** The PostgreSQL that this row's own server brought, by the id it wrote down. */
function signalPostmaster(pidFile: string, signal: NodeJS.Signals): void {
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It is gone already: what was asked for.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function answers(rig: Rig): Promise<boolean> {
  return rig.sql`select 1`.then(
    () => true,
    () => false,
  )
}

async function cutOff(ground: Ground): Promise<Outcome> {
  let cable: Cable | null = null
  const options = { recipients: size(ground, 250, 2_000), times: size(ground, 6, 60) }
  const random = seededRandom(ground.seed)
  const database = async (url: string): Promise<string> => (cable = await cableTo(url)).url
  try {
    return await inRig(
      ground,
      { callsPerSecond, database },
      async (rig) => {
        await rig.start()
        return meanwhile(rig, options, async (round) => {
          if (round % 3 === 0) await cable?.loseAnswers()
          else if (round % 3 === 1) {
            cable?.cut()
            await delay(random() * 2_000)
            cable?.mend()
          } else {
            cable?.hold()
            await delay(500 + random() * 3_000)
            cable?.release()
          }
        })
      },
      { withinMs: 180_000 },
    )
  } finally {
    await (cable as Cable | null)?.close()
  }
}

/** A table that nobody can read takes every connection of the pages: who asks is told to come back within two seconds. */
function everyConnectionTaken(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 150, 500)
  return inRig(ground, { callsPerSecond }, async (rig) => {
    const server = await rig.start()
    const client = await rig.client()
    await rig.beginRun(people(recipients))
    const headers = { authorization: `Bearer ${client.token}` }
    const told: { status: number; tookMs: number; retryAfter: string | null }[] = []
    const ask = async (path: string): Promise<void> => {
      const startedMs = performance.now()
      const answer = await fetch(`${server.url}${path}`, { headers })
      const tookMs = performance.now() - startedMs
      await answer.body?.cancel()
      told.push({ status: answer.status, tookMs, retryAfter: answer.headers.get('retry-after') })
    }
    // What a request without a database takes in the meantime is the machine's.
    let machineMs = 0
    await rig.sql.begin(async (tx) => {
      await tx`lock table leads in access exclusive mode`
      const asking = Array.from({ length: 40 }, () => ask('/api/leads/'))
      await delay(1_500)
      asking.push(...['/api/leads/', '/readyz'].map(ask))
      let isOver = false
      const all = Promise.all(asking).finally(() => (isOver = true))
      while (!isOver) {
        machineMs = Math.max(machineMs, await timeOf(`${server.url}/healthz`))
        await delay(50)
      }
      await all
    })
    const slowest = Math.max(...told.map(({ tookMs }) => tookMs))
    if (told.some(({ status, retryAfter }) => status !== 503 || retryAfter === null))
      rig.findings.push(
        `answered ${[...new Set(told.map(({ status }) => status))].join(', ')} while nothing could be`,
      )
    if (slowest - machineMs > 2_000) rig.findings.push(`somebody waited ${Math.round(slowest)} ms`)
    const after = told.length
    await until('the list is there again', 10_000, async () => {
      await ask('/api/leads/')
      return told.at(-1)?.status === 200
    })
    return { recipients, 'told to come back': after, 'slowest ms': Math.round(slowest) }
  })
}

async function timeOf(url: string): Promise<number> {
  const startedMs = performance.now()
  const answer = await fetch(url)
  await answer.body?.cancel()
  return performance.now() - startedMs
}

/** Every fiftieth change of a call or a number fails as PostgreSQL makes transactions fail that met each other. */
function refusing(ground: Ground): Promise<Outcome> {
  const recipients = size(ground, 200, 2_000)
  return inRig(
    ground,
    { callsPerSecond },
    async (rig) => {
      await rig.start()
      await rig.sql.unsafe(`
        create sequence refusals;
        create function refuse() returns trigger language plpgsql as $$
        begin
          if random() < 0.02 then
            perform nextval('refusals');
            raise exception 'refused on purpose' using errcode = case when random() < 0.5 then '40001' else '40P01' end;
          end if;
          return new;
        end $$;
        create trigger refused before insert or update on calls for each statement execute function refuse();
        create trigger refused before update on campaign_numbers for each statement execute function refuse();`)
      await rig.beginRun(people(recipients))
      await until('everybody was called', 180_000, async () => (await rig.accepted()) >= recipients)
      const [row] = await rig.sql<{ refusals: number }[]>`select last_value::int as refusals from refusals`
      if ((row?.refusals ?? 0) < 3) rig.findings.push('hardly anything was refused')
      return { recipients, refusals: row?.refusals ?? 0 }
    },
    { withinMs: 180_000 },
  )
}

/** The disk of the database is full for some seconds, in the middle of a run. Needs root, for a file system of its own. */
async function fullDisk(ground: Ground): Promise<Outcome> {
  if (process.getuid?.() !== 0) return { figures: { left: 'out: needs root' }, findings: [] }
  const disk = join(ground.newFolder(), 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0711', 'tmpfs', disk])
  const ballast = join(disk, 'ballast')
  try {
    return await inRig(
      ground,
      { callsPerSecond, database: null, environment: () => ({ DATA_DIR: join(disk, 'data') }) },
      async (rig) => {
        await rig.start()
        return meanwhile(rig, { recipients: size(ground, 150, 600), times: size(ground, 1, 5) }, async () => {
          fill(ballast)
          await delay(4_000)
          rmSync(ballast, { force: true })
          await until('PostgreSQL is back', 180_000, () => answers(rig))
        })
      },
      { withinMs: 180_000 },
    )
  } finally {
    execFileSync('umount', ['-l', disk])
  }
}

/** Writes until nothing fits any more. */
function fill(path: string): void {
  const block = Buffer.alloc(1024 * 1024, 1)
  try {
    for (let blocks = 0; blocks < 1_000; blocks += 1) writeFileSync(path, block, { flag: 'a' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
