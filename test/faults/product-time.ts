/** Moves the time by which rules decide, in every server of a row: nobody has to wait for what is only a rule. */
import { createClock } from '../../src/db/product-clock.ts'
import type { Rig } from './installation.ts'

/** Returns by how many milliseconds product time is now ahead of real time. */
export async function passTime(rig: Rig, ms: number): Promise<number> {
  const clock = createClock(rig.sql)
  await clock.start()
  try {
    await clock.advance(ms)
    return clock.now().getTime() - clock.wall().getTime()
  } finally {
    await clock.stop()
  }
}
