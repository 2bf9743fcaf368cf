/**
 * A server that is wrong on purpose, in the bundle only: each mistake is one that a dialer is known to make, and the row
 * that is named has to find it. A row that finds nothing in them proves nothing.
 */
import type { Patch } from './program.ts'

export type Mutant = {
  name: string
  patches: Patch[]
  caughtBy: string
  /** What that row has to say: any other finding may come from a machine that is busy. */
  finding: RegExp
}
