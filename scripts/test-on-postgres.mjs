// Runs the tests against another PostgreSQL than the embedded one, to know that nothing needs the newest.
//   node scripts/test-on-postgres.mjs FOLDER [vitest arguments]
// FOLDER holds initdb and postgres, /usr/lib/postgresql/15/bin on Debian. The server lives in a temporary folder,
// is reached through a socket only, and is gone afterwards.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const [binaries, ...vitestArguments] = process.argv.slice(2)
if (!binaries || !existsSync(join(binaries, 'postgres'))) {
  process.stderr.write(`There is no postgres in ${binaries ?? 'the folder that was not given'}.\n`)
  process.exit(2)
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// PostgreSQL refuses to run as root.
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const folder = mkdtempSync(join(tmpdir(), 'trunkline-other-'))
if (user.uid) chownSync(folder, user.uid, user.gid)
const cluster = join(folder, 'cluster')

const how = {
  ...user,
  cwd: folder,
  env: { PATH: process.env.PATH, LC_ALL: 'C' },
  stdio: ['ignore', 'ignore', 'inherit'],
}
const made = spawnSync(
  join(binaries, 'initdb'),
  ['-D', cluster, '-U', 'trunkline', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
  how,
)
if (made.status !== 0) process.exit(2)

const settings = [
  `unix_socket_directories=${folder}`,
  'listen_addresses=',
  'fsync=off',
  'full_page_writes=off',
  'max_connections=600',
  'timezone=UTC',
  'log_min_messages=panic',
]
const server = spawn(
  join(binaries, 'postgres'),
  ['-D', cluster, ...settings.flatMap((each) => ['-c', each])],
  {
    ...how,
    stdio: 'ignore',
    detached: true,
  },
)
while (!existsSync(join(folder, '.s.PGSQL.5432')) && server.exitCode === null) await delay(20)

const vitest = spawn(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...vitestArguments],
  {
    cwd: root,
    env: {
      ...process.env,
      TEST_DATABASE_URL: `postgres://trunkline@localhost/postgres?host=${encodeURIComponent(folder)}`,
    },
    stdio: 'inherit',
  },
)
// Ctrl-C reaches the tests by itself; we stay to clean up.
process.on('SIGINT', () => {})
const [code] = await once(vitest, 'exit')

if (server.exitCode === null) {
  server.kill('SIGINT')
  await once(server, 'exit')
}
rmSync(folder, { recursive: true, force: true })
process.exitCode = code ?? 1
