/** Processes that die: at random moments, with their PostgreSQL, in a loop, and in order. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../../src/random.ts'
import type { LedgerCall } from '../../simulator/ledger-calls.ts'
import { postmasterFile, size, type Ground } from './ground.ts'
import { kill, terminate, until } from './processes.ts'
import { type Rig, type Server } from './installation.ts'
import { quantile, referenced } from './verdict.ts'
import { people } from './people.ts'
import { inRig, type Figures, type Outcome, type Row } from './row.ts'

const callsPerSecond = 100
const limits = { callsPerSecond, maxConcurrentCalls: 200, jitterMs: 800 }
const mostRestartMs = 15_000

export const crashRows: Row[] = [
  { name: 'crash: kill -9 at random moments', run: randomKills },
  { name: 'crash: kill -9 of the whole tree, PostgreSQL included', run: treeKills },
  { name: 'crash: twenty kills in twenty seconds', run: crashLoop, fullOnly: true },
  { name: 'crash: SIGTERM while busy', run: terminations },
]

function randomKills(ground: Ground): Promise<Outcome> {
  const [recipients, kills] = [size(ground, 400, 20_000), size(ground, 5, 200)]
  return killed(ground, { recipients, kills, end: (server) => kill(server.child) })
}

function treeKills(ground: Ground): Promise<Outcome> {
  const [recipients, kills] = [size(ground, 120, 2_000), size(ground, 1, 30)]
  return killed(ground, { recipients, kills, end: killTree, ownDatabase: true })
}

function crashLoop(ground: Ground): Promise<Outcome> {
  return inRig(
    ground,
    { callsPerSecond },
    async (rig) => {
      let server = await rig.start()
      await rig.beginRun(people(1_000))
      for (let times = 1; times <= 20; times += 1) {
        await kill(server.child)
        server = await rig.start({ wait: false })
        await delay(1_000)
      }
      const [row] = await rig.sql<{ most: number }[]>`select max(attempts)::int as most from campaign_numbers`
      if ((row?.most ?? 0) > 1) rig.findings.push(`a number used ${row?.most} attempts`)
      return { recipients: 1_000, kills: 20 }
    },
    { limits, withinMs: 180_000 },
  )
}

type Killing = {
  recipients: number
  kills: number
  end: (server: Server, rig: Rig) => Promise<void>
  ownDatabase?: boolean
}

function killed(ground: Ground, { recipients, kills, end, ownDatabase = false }: Killing): Promise<Outcome> {
  const random = seededRandom(ground.seed)
  const restartedAt: number[] = []
  return inRig(
    ground,
    { callsPerSecond, spoken: true, ...(ownDatabase ? { database: null } : {}) },
    async (rig) => {
      const server = await rig.start()
      await rig.beginRun(people(recipients))
      const sent = () => rig.accepted()
      restartedAt.push(...(await killAndRestart(rig, server, { recipients, kills, random, sent, end })))
      return { recipients, kills }
    },
    {
      limits,
      withinMs: 60_000,
      look: (ledger, rig) => restartFigures(ledger, rig, { restartedAt, full: ground.full }),
    },
  )
}

/**
 * Kills and starts again at once, spread over the whole list: each kill falls somewhere into its own share of what is
 * sent. Returns when each new process was started.
 */
export async function killAndRestart(
  rig: Rig,
  first: Server,
  plan: Pick<Killing, 'recipients' | 'kills' | 'end'> & {
    random: () => number
    sent: () => Promise<number>
  },
): Promise<number[]> {
  const { recipients, kills, end, random, sent } = plan
  const restartedAt: number[] = []
  let server = first
  for (let times = 1; times <= kills; times += 1) {
    const wanted = Math.floor((recipients / (kills + 1)) * (times - 0.5 + random()))
    await until(`${wanted} are sent`, 180_000, async () => (await sent()) >= wanted)
    await delay(random() * 200)
    await end(server, rig)
    restartedAt.push(Date.now())
    server = await rig.start()
  }
  return restartedAt
}

/** How long after each restart the new process dialed for the first time, and what the phones heard of it all. */
async function restartFigures(
  ledger: LedgerCall[],
  rig: Rig,
  { restartedAt, full }: { restartedAt: number[]; full: boolean },
): Promise<Figures> {
  const rows = await rig.sql<{ id: string; life: number; state: string }[]>`
    select c.id, w.life::int, c.state from calls c
      join (select id, row_number() over (order by id) as life from workers) w on w.id = c.owner`
  const lives = new Map(rows.map((row) => [row.id, row.life]))
  const first = new Map<number, number>()
  for (const call of ledger) {
    const life = lives.get(referenced(call) ?? '') ?? 0
    first.set(life, Math.min(first.get(life) ?? Infinity, call.acceptedAt.getTime()))
  }
  // The first life was no restart; one that was killed before it dialed has no first dial.
  const waits = restartedAt.flatMap((at, index) => {
    const dialedAt = first.get(index + 2)
    return dialedAt === undefined ? [] : [dialedAt - at]
  })
  const worst = Math.max(0, ...waits)
  // How fast a process starts says something about the product only where nothing else runs.
  if (full && worst > mostRestartMs) rig.findings.push(`the first dial came ${worst} ms after a restart`)
  return {
    'given back': rows.filter((row) => row.state === 'not_placed').length,
    'answered, heard silence': ledger.filter((call) => call.answeredAt !== null && call.heard.length === 0)
      .length,
    'restart to first dial p50 ms': Math.round(quantile(waits, 0.5)),
    'worst ms': worst,
  }
}

/** The server and every process of the PostgreSQL it started, together. */
async function killTree(server: Server, rig: Rig): Promise<void> {
  const postmaster = Number(readFileSync(postmasterFile(join(rig.folder, 'data')), 'utf8').split('\n')[0])
  const tree = [...childrenOf(postmaster), postmaster]
  server.child.kill('SIGKILL')
  for (const pid of tree) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It went with its parent.
    }
  }
  await kill(server.child)
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      } catch {
        return false
      }
    })
}

/** A stop in order leaves nothing unknown, ends with 0, and nobody is called after it. */
function terminations(ground: Ground): Promise<Outcome> {
  const stops = size(ground, 1, 20)
  const recipients = stops * 150
  return inRig(
    ground,
    { callsPerSecond },
    async (rig) => {
      let server = await rig.start()
      await rig.beginRun(people(recipients))
      let slowest = 0
      let left = 0
      for (let times = 1; times <= stops; times += 1) {
        const wanted = Math.floor((recipients / (stops + 1)) * times)
        await until(`${wanted} calls`, 180_000, async () => (await rig.accepted()) >= wanted)
        const { code, tookMs } = await terminate(server.child)
        slowest = Math.max(slowest, tookMs)
        if (code !== 0) rig.findings.push(`a stop in order ended with ${code} after ${Math.round(tookMs)} ms`)
        const [row] = await rig.sql<{ unknown: number }[]>`
          select count(*)::int as unknown from calls where state in ('placing', 'unknown')`
        left += row?.unknown ?? 0
        server = await rig.start()
      }
      if (left > 0) rig.findings.push(`${left} calls were left unknown by stops in order`)
      return { recipients, stops, 'left unknown': left, 'slowest stop ms': Math.round(slowest) }
    },
    { limits, withinMs: 120_000 },
  )
}
