/** Reads the times that people propose, and says which would be valid. Pure. */
import { readInstant } from '../calls/given-instant.ts'
import type { FieldProblem } from '../errors.ts'
import { sixDecimalsText } from '../http/instants.ts'
import { shown } from '../http/validation.ts'
import { timeNames, type Times } from './call-request.ts'

export const quarterMs = 15 * 60_000
/** A time may be proposed that is at least so far ahead. */
export const leadMs = 30 * 60_000
/** And at most so far: nobody keeps a call in mind longer. */
const furthestMs = 366 * 24 * 60 * 60_000

export type TimesInput = { time_one?: unknown; time_two?: unknown; time_three?: unknown }

/** The first instant that may be proposed at `now`: on a quarter hour, at least half an hour ahead. */
export function earliestTime(now: Date): Date {
  return new Date(Math.ceil((now.getTime() + leadMs) / quarterMs) * quarterMs)
}

/** Reads up to three times. An instant without an offset is UTC. Every problem names the rule and what would be valid. */
export function readTimes(input: TimesInput, now: Date): { times: Times; problems: FieldProblem[] } {
  const problems: FieldProblem[] = []
  const read = timeNames.map((param): Date | null => {
    const given = input[param]
    if (isAbsent(given)) {
      if (param === 'time_one') problems.push({ param, code: 'required', message: `${param} is required.` })
      return null
    }
    const time = typeof given === 'string' ? readInstant(given, 'UTC') : null
    const problem = time === null ? notAnInstant(param, given) : problemOf(param, time, now)
    if (problem !== null) problems.push(problem)
    return problem === null ? time : null
  })
  for (const [index, time] of read.entries()) {
    const first = read.findIndex((other) => other !== null && other.getTime() === time?.getTime())
    const param = timeNames[index]
    if (time === null || first === index || param === undefined) continue
    const message = `${param} is the same instant as ${timeNames[first]}. Suggest different times.`
    problems.push({ param, code: 'repeated', message })
  }
  const [one = null, two = null, three = null] = read
  return { times: [one, two, three], problems }
}

/** Reads the one time that is agreed. Its validity follows from the proposal it is in. */
export function readAgreedTime(given: unknown): { time: Date } | { problem: FieldProblem } {
  const param = 'agreed_time'
  if (isAbsent(given)) return { problem: { param, code: 'required', message: `${param} is required.` } }
  const time = typeof given === 'string' ? readInstant(given, 'UTC') : null
  return time === null ? { problem: notAnInstant(param, given) } : { time }
}

function isAbsent(given: unknown): boolean {
  return given === undefined || given === null || given === ''
}

function problemOf(param: string, time: Date, now: Date): FieldProblem | null {
  const ms = time.getTime()
  const earliest = earliestTime(now)
  if (ms % quarterMs !== 0) {
    const before = new Date(Math.floor(ms / quarterMs) * quarterMs)
    const after = new Date(before.getTime() + quarterMs)
    const nearest = before >= earliest ? [before, after] : [after >= earliest ? after : earliest]
    const message = `${param} must be on a quarter hour (minute 0, 15, 30 or 45, no seconds); ${sixDecimalsText(time)} is not. Nearest valid: ${nearest.map(sixDecimalsText).join(' or ')}.`
    return { param, code: 'not_a_quarter_hour', message }
  }
  if (ms - now.getTime() < leadMs) {
    const message = `${param} must be at least 30 minutes ahead; ${sixDecimalsText(time)} is not. Nearest valid: ${sixDecimalsText(earliest)}.`
    return { param, code: 'too_early', message }
  }
  if (ms - now.getTime() > furthestMs) {
    const last = new Date(Math.floor((now.getTime() + furthestMs) / quarterMs) * quarterMs)
    const message = `${param} must be within a year; ${sixDecimalsText(time)} is not. Nearest valid: ${sixDecimalsText(last)}.`
    return { param, code: 'too_late', message }
  }
  return null
}

function notAnInstant(param: string, given: unknown): FieldProblem {
  const message = `${param} must be an instant like 2017-12-25T06:00:00.000000Z; ${shown(given)} is not.`
  return { param, code: 'not_an_instant', message }
}
