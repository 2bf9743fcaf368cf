/** Clocks that jump, and clocks that do not agree. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkout, until } from './processes.ts'
import { size, type Ground } from './ground.ts'
import { people } from './people.ts'
import { inRig, type Outcome, type Row } from './row.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

export const timeRows: Row[] = [
  {
    name: 'time: the wall clock jumps by an hour and by a day',
    run: (ground) => jumping(ground, [hourMs, 0, -hourMs, dayMs, -dayMs, 0]),
  },
  {
    name: 'time: the clocks of application and database are five minutes apart',
    run: (ground) => jumping(ground, [-5 * minuteMs, 5 * minuteMs], 5 * minuteMs),
  },
]

/** Servers whose wall clock is shifted, from the start by `first`, then by each of `shifts` in the middle of a run. */
function jumping(ground: Ground, shifts: readonly number[], first = 0): Promise<Outcome> {
  const recipients = size(ground, 200, 2_000)
  const shiftFile = join(ground.newFolder(), 'shift')
  writeFileSync(shiftFile, String(first))
  const preload = pathToFileURL(join(checkout, 'test', 'faults', 'shifted-clock.mjs')).href
  const environment = (): Record<string, string> => ({
    NODE_OPTIONS: `--import ${preload}`,
    SHIFT_FILE: shiftFile,
  })
  return inRig(
    ground,
    { callsPerSecond: 60, environment },
    async (rig) => {
      await rig.start()
      await rig.beginRun(people(recipients))
      for (const [index, shift] of shifts.entries()) {
        const wanted = Math.floor((recipients / (shifts.length + 1)) * (index + 1))
        await until(`${wanted} calls`, 180_000, async () => (await rig.accepted()) >= wanted)
        writeFileSync(shiftFile, String(shift))
      }
      return { recipients, jumps: shifts.length }
    },
    { limits: { callsPerSecond: 60, jitterMs: 800 } },
  )
}
