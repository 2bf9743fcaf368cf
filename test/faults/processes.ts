/** Processes of a fault test: each is started here, and only those are ever signalled. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export const checkout = new URL('../..', import.meta.url).pathname

export type Started = { child: ChildProcess; logPath: string }

const started = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
process.once('exit', () => {
  for (const child of started) if (isAlive(child)) child.kill('SIGKILL')
})

/** Starts Node on `args` with nothing in its environment but `environment`. Its words go to the end of `logPath`. */
export function startNode(
  args: readonly string[],
  logPath: string,
  environment: Readonly<Record<string, string>> = {},
): Started {
  const log = openSync(logPath, 'a')
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment }
  const child = spawn(process.execPath, args, { cwd: checkout, env, stdio: ['ignore', log, log] })
  started.add(child)
  return { child, logPath }
}

export function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

/** Ends a process as a power cut would, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Asks a process to stop. Returns its exit code, null when a signal ended it, and how long it took. */
export async function terminate(child: ChildProcess): Promise<{ code: number | null; tookMs: number }> {
  const startedMs = performance.now()
  if (isAlive(child)) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { code: child.exitCode, tookMs: performance.now() - startedMs }
}

/** Whether the process stands still: its state is `T` for everybody on the machine. */
export function isStopped(child: ChildProcess): boolean {
  try {
    return / T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8').slice(0, 60))
  } catch {
    return false
  }
}

export async function until(
  what: string,
  withinMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`did not happen within ${Math.round(withinMs / 1_000)} s: ${what}`)
    await delay(100)
  }
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports: number[] = []
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening')
    const address = server.address()
    ports.push(typeof address === 'object' && address ? address.port : 0)
  }
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}
