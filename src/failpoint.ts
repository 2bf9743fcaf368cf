/**
 * Places at which a test can make this process fail: die as by kill -9, stand still, or throw. They are off unless the
 * environment arms them (FAILPOINTS, which a live carrier refuses), and cost one comparison then.
 */

/** In the order in which a call passes them; each stands in the source exactly once. */
export const failpointNames = [
  'migration.applied',
  'migration.recorded',
  'worker.locked',
  'job.taken',
  'import.inserted',
  'import.stepped',
  'import.finishing',
  'run.begun',
  'run.due',
  'claim.budget',
  'claim.intents',
  'claim.closed',
  'claim.committed',
  'send.due',
  'send.write',
  'send.written',
  'answer.received',
  'answer.learned',
  'answer.durable',
  'account.blocking',
  'hook.verified',
  'hook.durable',
  'batch.gathered',
  'batch.locked',
  'batch.saved',
  'batch.followed',
  'batch.closed',
  'batch.committed',
  'number.given-back',
  'call.again',
  'worker.settled',
  'orphan.found',
  'unknown.looked',
  'unknown.absent',
  'silent.fetched',
  'stray.ended',
  'run.sweep',
  'run.completing',
  'run.completed',
] as const
export type FailpointName = (typeof failpointNames)[number]

const actions = ['kill', 'stop', 'throw'] as const
type Action = (typeof actions)[number]
/** What happens at which visit of which place; `count` says at the end how often each was passed. */
export type Failpoints = Readonly<{
  count: boolean
  at: ReadonlyMap<FailpointName, { hit: number; action: Action }>
}>

let armed: Failpoints | null = null
const passed = new Map<FailpointName, number>()

/** Reads `claim.committed@3=kill, batch.saved=throw` or `count`; null when it is neither. Without @ the first visit. */
export function parseFailpoints(text: string): Failpoints | null {
  if (text === 'count') return { count: true, at: new Map() }
  const at = new Map<FailpointName, { hit: number; action: Action }>()
  for (const part of text.split(',')) {
    const [, place, hit = '1', word] = /^([a-z.-]+)(?:@(\d{1,9}))?=([a-z]+)$/.exec(part.trim()) ?? []
    const name = failpointNames.find((one) => one === place)
    const action = actions.find((one) => one === word)
    if (name === undefined || action === undefined) return null
    at.set(name, { hit: Number(hit), action })
  }
  return { count: false, at }
}

/** Arms the places of this process, or disarms them. */
export function armFailpoints(failpoints: Failpoints | null): void {
  armed = failpoints
  passed.clear()
  if (failpoints?.count === true) {
    process.once('exit', () =>
      process.stderr.write(`failpoints ${JSON.stringify(Object.fromEntries(passed))}\n`),
    )
  }
}

export function failpoint(name: FailpointName): void {
  if (armed !== null) visit(armed, name)
}

function visit({ at }: Failpoints, name: FailpointName): void {
  const visits = (passed.get(name) ?? 0) + 1
  passed.set(name, visits)
  const planned = at.get(name)
  if (planned?.hit !== visits) return
  process.stderr.write(`failpoint ${name}@${visits}=${planned.action}\n`)
  switch (planned.action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return
    case 'stop':
      process.kill(process.pid, 'SIGSTOP')
      return
    case 'throw':
      throw new Error(`failpoint ${name}`)
  }
}
