import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { installedPackage, postgresEnvironment, usableBinaries, type Owner } from './embedded-binaries.ts'

/** Where one cluster lives: `cluster`, `password`, `postgres.log` and the socket, all private to `owner`. */
export type Home = { folder: string; cluster: string; password: string; owner: Owner; binaries: string }

/** The user that PostgreSQL runs as when we are root: nobody, on every Linux. */
const nobody = { uid: 65_534, gid: 65_534 }

/** Where cluster and binaries go when nobody cannot reach the data folder or the checkout, as below /root. */
const sharedState = '/var/lib/trunkline'

/** `sync` false leaves it to the operating system when a new cluster reaches the disk: for throwaway ones. */
export type HomeOptions = { dataDir: string; sync?: boolean }

/**
 * Opens `DATA_DIR/postgres`, making it first when it is not there. It appears by one rename, complete with its
 * password, so an interrupted first start leaves nothing that could be mistaken for a cluster.
 */
export async function openHome(options: HomeOptions): Promise<Home> {
  const { dataDir, sync = true } = options
  const isRoot = process.getuid?.() === 0
  mkdirSync(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
  const place = join(dataDir, 'postgres')
  if (!isMade(place)) await makeHome(place, { dataDir, sync })

  const folder = realpathSync(place)
  const { uid, gid } = statSync(folder)
  // As root, a cluster made by somebody else keeps its owner.
  const owner = isRoot ? { uid, gid } : null
  requireAccess(folder, uid, owner)
  const installed = installedPackage()
  const cluster = join(folder, 'cluster')
  requireSameMajor(cluster, installed.version)
  return {
    folder,
    cluster,
    password: readFileSync(join(folder, 'password'), 'utf8'),
    owner,
    binaries: usableBinaries(owner, placesForBinaries(owner, folder), installed),
  }
}

/** An empty folder counts as not made: a container's volume looks like that. */
function isMade(place: string): boolean {
  const stats = lstatSync(place, { throwIfNoEntry: false })
  if (!stats) return false
  if (stats.isSymbolicLink() && !existsSync(place)) {
    throw new Error(
      `${place} points to ${readlinkSync(place)}, which is gone. Bring it back, or remove ${place}.`,
    )
  }
  return stats.isSymbolicLink() || stats.uid !== process.getuid?.() || readdirSync(place).length > 0
}

async function makeHome(place: string, { dataDir, sync }: Required<HomeOptions>): Promise<void> {
  if (process.getuid?.() !== 0) return initialize(place, null, sync)

  // Our own folder may be opened for passage; the folders above it are not ours to change.
  if (!canEnter(dataDir, nobody)) chmodSync(dataDir, statSync(dataDir).mode | 0o111)
  if (canEnter(dataDir, nobody)) return initialize(place, nobody, sync)

  mkdirSync(sharedState, { recursive: true, mode: 0o711 })
  if (!canEnter(sharedState, nobody)) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user nobody can reach neither ${dataDir} nor ${sharedState}. ` +
        'Set DATA_DIR to a folder that other users may pass through, or run as another user.',
    )
  }
  const elsewhere = join(sharedState, randomBytes(6).toString('hex'))
  await initialize(elsewhere, nobody, sync)
  try {
    symlinkSync(elsewhere, place)
  } catch (error) {
    rmSync(elsewhere, { recursive: true, force: true })
    if (!isMade(place)) throw error
  }
}

async function initialize(place: string, owner: Owner, sync: boolean): Promise<void> {
  removeUnfinished(place)
  const unfinished = `${place}.new-${process.pid}-${randomBytes(3).toString('hex')}`
  mkdirSync(unfinished, { mode: 0o700 })
  const passwordFile = join(unfinished, 'password')
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (owner) for (const path of [unfinished, passwordFile]) chownSync(path, owner.uid, owner.gid)

  const binaries = usableBinaries(owner, placesForBinaries(owner, unfinished))
  await runInitdb(binaries, unfinished, { owner, sync })
  try {
    renameSync(unfinished, place)
  } catch (error) {
    // Two first starts at once: the other was faster, and both will now ask for the server lock.
    rmSync(unfinished, { recursive: true, force: true })
    if (!isMade(place)) throw error
  }
}

/** Root keeps one copy for every data folder; anybody else, or root on a read-only system, one in its own. */
function placesForBinaries(owner: Owner, home: string): string[] {
  return owner ? [sharedState, home] : [home]
}

function runInitdb(binaries: string, home: string, how: { owner: Owner; sync: boolean }): Promise<void> {
  const child = spawn(
    join(binaries, 'bin', 'initdb'),
    [
      `--pgdata=${join(home, 'cluster')}`,
      `--pwfile=${join(home, 'password')}`,
      '--username=trunkline',
      '--auth=scram-sha-256',
      '--data-checksums',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      how.sync ? '--sync-method=fsync' : '--no-sync',
    ],
    { ...how.owner, cwd: home, env: postgresEnvironment, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`initdb failed for ${home}: ${complaint.trim()}`))
    })
  })
}

/** What an earlier first start left when it was killed. One that is still at work has a live process. */
function removeUnfinished(place: string): void {
  const prefix = `${basename(place)}.new-`
  for (const name of readdirSync(dirname(place))) {
    if (!name.startsWith(prefix)) continue
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    if (pid !== process.pid && isAlive(pid)) continue
    // An orphaned initdb may still be writing there; what cannot be removed now goes at the next start.
    rmSync(join(dirname(place), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function requireAccess(folder: string, folderUid: number, owner: Owner): void {
  const uid = process.getuid?.()
  if (owner === null && folderUid !== uid) {
    throw new Error(
      `${folder} belongs to user ${folderUid}, but this process runs as user ${uid}. ` +
        'Start it as the user that made the folder, or give the folder to this one (chown -R).',
    )
  }
  if (owner?.uid === 0) {
    throw new Error(
      `${folder} belongs to root, and PostgreSQL does not run as root. ` +
        `Give it to another user (chown -R ${nobody.uid}:${nobody.gid}).`,
    )
  }
  if (owner !== null && !canEnter(folder, owner)) {
    throw new Error(
      `PostgreSQL runs as user ${owner.uid} and cannot reach ${folder}. Let other users pass through the folders ` +
        'above it (chmod o+x), or set DATA_DIR to another folder.',
    )
  }
}

/** The files of one major version cannot be read by another. */
function requireSameMajor(cluster: string, version: string): void {
  const written = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  const [ours] = version.split('.')
  if (written === ours) return
  throw new Error(
    `${cluster} was written by PostgreSQL ${written}, but this version brings PostgreSQL ${ours}. ` +
      'Make a backup with the version that wrote it and restore that into a new data folder.',
  )
}

function canEnter(folder: string, owner: { uid: number; gid: number }): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...owner, cwd: '/', stdio: 'ignore' })
      .status === 0
  )
}

/** True when `folder` is a real folder that nobody but `uid` can look into. */
export function isPrivateFolder(folder: string, uid: number): boolean {
  const stats = lstatSync(folder)
  return stats.isDirectory() && stats.uid === uid && (stats.mode & 0o077) === 0
}
