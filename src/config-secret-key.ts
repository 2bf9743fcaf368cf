import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomToken } from './random.ts'

/** The key in the data folder. Two first starts at once agree on one: a link never replaces a file. */
export function keptSecretKey(dataDir: string): string {
  const path = join(dataDir, 'secret-key')
  const kept = readIfThere(path)
  if (kept !== null) return kept
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, `${randomToken(48)}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, path)
  } catch (error) {
    if (readIfThere(path) === null) throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
  return readFileSync(path, 'utf8').trim()
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
