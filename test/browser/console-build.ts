/** The console as a browser gets it: built anew when any of its sources is newer than the build. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function buildConsoleIfStale(): void {
  const built = join(root, 'dist', 'web', 'index.html')
  if (existsSync(built) && newest(join(root, 'web')) < statSync(built).mtimeMs) return
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', 'web', '--logLevel', 'warn']
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', timeout: 120_000 })
  if (done.status !== 0) throw new Error('The console could not be built.')
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Math.max(...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs))
}
