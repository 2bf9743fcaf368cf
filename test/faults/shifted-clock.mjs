/**
 * Loaded before a server by a fault test: its wall clock is off by what a file says, in milliseconds, and jumps when
 * that changes. The monotonic clock goes on as it was, as it does when an operator sets the time of a machine.
 */
import { readFileSync } from 'node:fs'

const RealDate = Date
const path = process.env['SHIFT_FILE'] ?? ''
let shiftMs = 0
const read = () => {
  try {
    shiftMs = Number(readFileSync(path, 'utf8')) || 0
  } catch {
    shiftMs = 0
  }
}
read()
setInterval(read, 50).unref()

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + shiftMs)
    else super(...given)
  }
  static now() {
    return RealDate.now() + shiftMs
  }
}
