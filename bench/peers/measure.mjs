import { readdirSync, readFileSync } from 'node:fs'
import { settings } from './settings.mjs'

const ticksPerSecond = 100

/**
 * Takes the time and the processor seconds between `start()` and `stop()`, of this program, of the carrier
 * (`carrierPid`, or null), of the whole PostgreSQL that `pool` (or null) speaks to, when it runs on this machine, and of the
 * whole machine: what is left of `machine` was taken by others, and a round where that is much should be repeated.
 */
export async function stopwatch({ pool, carrierPid }) {
  const postmaster = pool ? await postmasterOf(pool) : null
  const read = () => ({
    at: performance.now(),
    program: cpuSeconds(process.pid),
    carrier: carrierPid ? cpuSeconds(carrierPid) : null,
    postgres: postmaster ? familyCpuSeconds(postmaster) : null,
    machine: machineCpuSeconds(),
  })
  let begun
  let ended
  return {
    start: () => void (begun = read()),
    stop: () => void (ended = read()),
    taken: () => ({
      seconds: (ended.at - begun.at) / 1000,
      cpuSeconds: Object.fromEntries(
        ['program', 'carrier', 'postgres', 'machine'].map((who) => [
          who,
          begun[who] === null ? null : rounded(ended[who] - begun[who]),
        ]),
      ),
    }),
  }
}

/**
 * Prints the one line that a comparison reads, last, and ends the program: with 1 when a check is false.
 * `perCpuSecond` is the work per processor second of all three, which a busy neighbour disturbs least.
 */
export function finish({ name, count, taken, checks, ...more }) {
  const { program, carrier, postgres } = taken.cpuSeconds
  const line = {
    name,
    perSecond: Math.round(count / taken.seconds),
    count,
    seconds: rounded(taken.seconds),
    rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    cpuSeconds: taken.cpuSeconds,
    perCpuSecond: Math.round(count / (program + (carrier ?? 0) + (postgres ?? 0))),
    ...more,
    checks,
  }
  const held = Object.values(checks).every((check) => check === true)
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(held ? 0 : 1))
}

/** Durations in milliseconds, kept whole: a percentile of a sample would hide the tail it is asked for. */
export function durations(capacity) {
  const values = new Float64Array(capacity)
  let length = 0
  return {
    add: (ms) => void (length < capacity && (values[length++] = ms)),
    percentile: (part) => {
      const sorted = values.slice(0, length).sort()
      return rounded(sorted[Math.min(length - 1, Math.floor(length * part))] ?? 0)
    },
  }
}

/** Ends the program when it did not come to its end in MAX_SECONDS; a hung run must not look like a slow one. */
export function setDeadline(progress) {
  const end = () => {
    console.error(`not done after ${settings.deadlineSeconds} s: ${JSON.stringify(progress())}`)
    process.exit(1)
  }
  setTimeout(end, settings.deadlineSeconds * 1000).unref()
}

const rounded = (value) => Math.round(value * 100) / 100

async function postmasterOf(pool) {
  const { rows } = await pool.query('select pg_backend_pid() as pid')
  try {
    const fields = processFields(rows[0].pid)
    return fields.name === 'postgres' ? fields.parent : null
  } catch {
    // No /proc, or a database on another machine: its processor time stays unknown.
    return null
  }
}

/** Of the postmaster, of the backends that ended, and of those that live. */
function familyCpuSeconds(postmaster) {
  let ticks = processFields(postmaster).ticksOfEnded
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const fields = processFields(Number(entry))
      if (fields.parent === postmaster || Number(entry) === postmaster) ticks += fields.ticks
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return ticks / ticksPerSecond
}

/** Null where there is no /proc/stat. Counts what the hypervisor took away, too. */
function machineCpuSeconds() {
  try {
    const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
      .split(/\s+/)
      .map(Number)
    return (user + nice + system + irq + softirq + steal) / ticksPerSecond
  } catch {
    return null
  }
}

const cpuSeconds = (pid) => processFields(pid).ticks / ticksPerSecond

function processFields(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
    ticksOfEnded: Number(fields[13]) + Number(fields[14]),
  }
}
