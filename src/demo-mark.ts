/** A data folder that holds a demo is marked, and a marked one never meets real phones or strangers. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { isLoopbackHost } from './config-values.ts'
import { AppError } from './errors.ts'

const markName = 'demo'

export function markDemo(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  writeFileSync(
    join(dataDir, markName),
    'This folder holds a demo: its passwords are printed for everybody.\n',
  )
}

export function isDemo(dataDir: string): boolean {
  return existsSync(join(dataDir, markName))
}

/** Throws when a demo would be reachable from outside or ring real phones. */
export function requireDemoIsHarmless(config: Config): void {
  const open = [config.host, config.publicUrl === null ? null : new URL(config.publicUrl).hostname].filter(
    (host) => host !== null && !isLoopbackHost(host),
  )
  if (config.carrier.live) {
    throw new AppError(
      'conflict',
      'demo_with_live_carrier',
      'A demo never rings real phones: CARRIER is twilio. Unset it, or choose another DATA_DIR.',
    )
  }
  if (open.length > 0) {
    throw new AppError(
      'conflict',
      'demo_on_public_address',
      `A demo has known passwords and answers on this machine only, not on ${open.join(', ')}. Unset HOST and PUBLIC_URL, or choose another DATA_DIR.`,
    )
  }
}
