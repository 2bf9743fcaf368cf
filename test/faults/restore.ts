/** A backup of an installation that worked on: put back elsewhere, it must not call again whom the carrier called since. */
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { dumpTables } from '../../src/db/dump.ts'
import { migrate } from '../../src/db/migrate.ts'
import { connect, transaction, type Sql } from '../../src/db/sql.ts'
import { makePartitions } from '../../src/db/upkeep.ts'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { audit } from '../../src/dialer/audit.ts'
import { blockedReason } from './client.ts'
import { size, type Ground } from './ground.ts'
import { createRig, secretKey, type Rig } from './installation.ts'
import { people } from './people.ts'
import { kill, startNode, until } from './processes.ts'
import type { Figures, Outcome, Row } from './row.ts'
import { quiet } from './verdict.ts'

export const restoreRows: Row[] = [{ name: 'database: restored from a backup', run: restored }]

type Backup = { rows: Map<string, string>; sequences: { name: string; last: number | null }[] }

async function restored(ground: Ground): Promise<Outcome> {
  const url = await ground.newDatabase()
  const rig = await createRig(ground, {
    callsPerSecond: 60,
    slots: 2,
    environment: (slot): Record<string, string> => (slot === 1 ? { DATABASE_URL: url } : {}),
  })
  const sql = connect(url, { max: 4 })
  try {
    const figures = await backUpAndRestore(ground, { rig, sql, url }).catch((error: Error): Figures => {
      rig.findings.push(error.message, `the server's last words: ${rig.logIfAny(1).slice(-1_500)}`)
      return {}
    })
    return { figures, findings: rig.findings }
  } finally {
    await sql.end({ timeout: 1 })
    await rig.close()
  }
}

async function backUpAndRestore(
  ground: Ground,
  { rig, sql, url }: { rig: Rig; sql: Sql; url: string },
): Promise<Figures> {
  const recipients = size(ground, 180, 2_000)
  const first = await rig.start()
  const { numbers } = await rig.beginRun(people(recipients))
  await until('a third was called', 180_000, async () => (await rig.accepted()) > recipients / 3)
  const backup = await backUp(rig.sql)
  const before = await rig.accepted()
  await until('two thirds were called', 180_000, async () => (await rig.accepted()) > (recipients * 2) / 3)
  await kill(first.child)
  await putBack(sql, backup)

  const meanwhile = (await rig.accepted()) - before
  const second = await rig.start({ slot: 1 })
  const reason = await blockedReason(second.url, await rig.client())
  if (reason !== 'restored') rig.findings.push(`the page gives as reason: ${reason}`)
  const ready = await (await fetch(`${second.url}/readyz`)).text()
  if (!/"note":"On hold/.test(ready)) rig.findings.push(`readyz says ${ready}`)
  await until('the carrier was asked', 180_000, async () => {
    const [row] = await sql<{ swept: boolean }[]>`select swept_at is not null as swept from installation`
    return row?.swept === true
  })
  const held = await rig.accepted()
  await delay(2_000)
  if ((await rig.accepted()) !== held) rig.findings.push('somebody was called on hold')
  const [found] = await sql<{ unknown: number; aside: number }[]>`
    select unknown_calls as unknown, set_aside as aside from installation`
  await command(ground, { rig, url, words: ['hold', 'release'] })
  await quiet({ ...rig, sql }, 120_000)
  await judgeRestored(rig, sql, numbers)
  return { recipients, meanwhile, ...found }
}

/** By the carrier's ledger: everybody once, whoever of the two servers did it. */
async function judgeRestored(rig: Rig, sql: Sql, numbers: readonly string[]): Promise<void> {
  const calls = new Map<string, number>()
  for (const { to } of await ledgerCalls(rig.ledgerPath)) calls.set(to, (calls.get(to) ?? 0) + 1)
  const lost = numbers.filter((number) => !calls.has(number))
  const twice = [...calls].filter(([, count]) => count > 1)
  if (lost.length > 0) rig.findings.push(`ledger lost: ${lost.length}, ${lost[0]} first`)
  if (twice.length > 0) rig.findings.push(`ledger twice: ${twice.length}, ${twice[0]?.[0]} first`)
  const { findings } = await audit(sql, new Date())
  rig.findings.push(...findings.map(({ rule, subject, detail }) => `audit ${rule}: ${subject}: ${detail}`))
}

async function command(
  ground: Ground,
  { rig, url, words }: { rig: Rig; url: string; words: string[] },
): Promise<void> {
  const environment = { DATABASE_URL: url, SECRET_KEY: secretKey, DATA_DIR: rig.folder }
  const { child } = startNode([ground.program, ...words], `${rig.folder}/command.log`, environment)
  await until(words.join(' '), 180_000, () => child.exitCode !== null)
  if (child.exitCode !== 0) rig.findings.push(`${words.join(' ')} ended with ${child.exitCode}`)
}

/** Every row of one moment, as `trunkline dump` writes them, and where the sequences stand. */
async function backUp(sql: Sql): Promise<Backup> {
  const lines: string[] = []
  const out = new Writable({
    write(piece: Buffer, _encoding, done) {
      lines.push(piece.toString('utf8'))
      done()
    },
  })
  await dumpTables(sql, out)
  const rows = new Map<string, string>()
  for (const part of lines
    .join('')
    .split(/^-- public\./m)
    .slice(1)) {
    const end = part.indexOf('\n')
    rows.set(part.slice(0, end), part.slice(end + 1))
  }
  const sequences = await sql<Backup['sequences']>`
    select sequencename as name, last_value::float8 as last from pg_sequences where schemaname = 'public'`
  return { rows, sequences: [...sequences] }
}

async function putBack(sql: Sql, { rows, sequences }: Backup): Promise<void> {
  await migrate(sql)
  await makePartitions(sql, new Date())
  await transaction(sql, async (tx) => {
    await tx`set local session_replication_role = replica`
    for (const [name, text] of rows) {
      await tx`delete from ${tx(name)}`
      if (text === '') continue
      const into = await tx`copy ${tx(name)} from stdin`.writable()
      into.end(text)
      await once(into, 'finish')
    }
    for (const { name, last } of sequences)
      if (last !== null) await tx`select setval(${name}::regclass, ${last})`
  })
}
