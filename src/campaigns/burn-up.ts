/** How a run came along: how many of its numbers were over at each moment. Pure. */
import { instantText } from '../http/instants.ts'

/** Points of a curve at most: more than a screen shows. */
const mostSteps = 300
const niceSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]

/** The shortest step, in seconds, that shows so long a span in few enough points. */
export function stepFor(spanSeconds: number): number {
  const least = spanSeconds / mostSteps
  return niceSeconds.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400
}

export type EndedIn = {
  /** 0 is the first step after the begin. */
  step: number
  count: number
}

export type Span = { runId: number; from: Date; seconds: number }

/** `done[i]`: numbers whose latest call or text was over so many steps after the begin. */
export function burnUpReport({ runId, from, seconds }: Span, ended: readonly EndedIn[]) {
  const step = stepFor(seconds)
  const countIn = new Map(ended.map((one) => [one.step, one.count]))
  const last = Math.max(Math.ceil(seconds / step), ...ended.map((one) => one.step + 1))
  let sum = 0
  const done = Array.from({ length: last + 1 }, (_, index) => (sum += countIn.get(index - 1) ?? 0))
  return { run_id: runId, from: instantText(from), step_seconds: step, done }
}
