/** The report of a campaign, made of counted groups. Pure. */
import { instantText } from '../http/instants.ts'
import { campaignStatus, numberStatuses, statusWord, type Service } from './campaign.ts'
import type { AttemptGroup, NumberGroup, RunFigures } from './report-store.ts'

const mostHours = 400
/** No message lasts longer. */
const mostSeconds = 1_800

export function numbersReport(groups: readonly NumberGroup[]) {
  const counted = (matches: (group: NumberGroup) => boolean): number => sum(groups.filter(matches))
  const reasons = merged(
    groups.filter(({ reason }) => reason !== null),
    ({ status, reason }) => `${status} ${reason}`,
  )
  const attempts = merged(groups, (group) => String(group.attempts))
  return {
    total: sum(groups),
    by_status: Object.fromEntries(
      numberStatuses.map((status) => [statusWord(status), counted((group) => group.status === status)]),
    ),
    reasons: reasons.map(({ first, count }) => ({
      status: statusWord(first.status),
      reason: first.reason,
      count,
    })),
    attempts: attempts
      .map(({ first, count }) => ({ attempts: first.attempts, count }))
      .sort((a, b) => a.attempts - b.attempts),
  }
}

/** Calls or texts by what came of them, and the share that was answered (delivered) of those that are over. */
export function attemptsReport(service: Service, groups: readonly AttemptGroup[]) {
  const byCaller = groups.filter(({ kind }) => kind === 'caller')
  const of = (...outcomes: string[]): number =>
    sum(byCaller.filter(({ outcome }) => outcome !== null && outcomes.includes(outcome)))
  const total = sum(byCaller)
  const open = of('open')
  const answered = byCaller.reduce((all, group) => all + group.answered, 0)
  if (service === 'SMS') {
    const figures = {
      total,
      open,
      delivered: of('delivered'),
      undelivered: of('undelivered'),
      failed: of('failed', 'held'),
      canceled: of('canceled'),
      unconfirmed: of('unconfirmed'),
      segments: byCaller.reduce((all, group) => all + group.talked, 0),
    }
    return { texts: { ...figures, delivery_rate: share(answered, total - open) } }
  }
  const figures = {
    total,
    open,
    answered,
    completed: of('completed'),
    hungup: of('hungup'),
    machine: of('machine'),
    no_answer: of('no_answer'),
    busy: of('busy'),
    failed: of('failed', 'held'),
    canceled: of('canceled'),
  }
  return { calls: { ...figures, answer_rate: share(answered, total - open) } }
}

/** How each caller id does: a number that nobody picks up any more shows here first. */
export function callersReport(groups: readonly AttemptGroup[]) {
  const byCaller = new Map<string, AttemptGroup[]>()
  for (const group of groups) {
    if (group.kind !== 'caller' || group.caller === null) continue
    byCaller.set(group.caller, [...(byCaller.get(group.caller) ?? []), group])
  }
  return [...byCaller]
    .map(([number, own]) => {
      const calls = sum(own)
      const answered = own.reduce((all, group) => all + group.answered, 0)
      const talked = own.reduce((all, group) => all + group.talked, 0)
      const over = calls - sum(own.filter(({ outcome }) => outcome === 'open'))
      return {
        number,
        calls,
        answered,
        answer_rate: share(answered, over),
        average_duration: answered === 0 ? null : round(talked / answered),
      }
    })
    .sort((a, b) => b.calls - a.calls)
}

/** Seconds talked and heard of calls that were answered, and how many still listened at each second. */
export function secondsReport(groups: readonly AttemptGroup[]) {
  const talked = histogram(groups, 'talked')
  const heard = histogram(groups, 'heard')
  const last = Math.min(mostSeconds, heard.at(-1)?.seconds ?? 0)
  const answered = sum(heard)
  const still = Array.from({ length: heard.length === 0 ? 0 : last + 1 }, () => 0)
  let listening = answered
  let place = 0
  for (let second = 0; second < still.length; second += 1) {
    while ((heard[place]?.seconds ?? Infinity) < second) listening -= heard[place++]?.count ?? 0
    still[second] = listening
  }
  const completed = sum(groups.filter(({ kind, outcome }) => kind === 'caller' && outcome === 'completed'))
  return {
    durations: { ...middles(talked), longest: talked.at(-1)?.seconds ?? null },
    playback: middles(heard),
    listening: { answered, heard_to_end: completed, still },
  }
}

export function hoursReport(groups: readonly AttemptGroup[]) {
  return groups
    .flatMap(({ kind, hour, count, answered }) =>
      kind === 'hour' && hour !== null ? [{ hour, calls: count, answered }] : [],
    )
    .sort((a, b) => a.hour.getTime() - b.hour.getTime())
    .slice(-mostHours)
    .map(({ hour, ...figures }) => ({ hour: instantText(hour), ...figures }))
}

/** How many calls each key was pressed in. */
export function keysReport(groups: readonly { pressed: string; count: number }[]) {
  const byKey = new Map<string, number>()
  for (const { pressed, count } of groups)
    for (const key of new Set(pressed)) byKey.set(key, (byKey.get(key) ?? 0) + count)
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, calls]) => ({ key, calls }))
}

export function runsReport(runs: readonly RunFigures[]) {
  return runs.map((run) => ({
    run_id: run.id,
    ordinal: run.ordinal,
    status: campaignStatus(run),
    message: run.message,
    started: run.startedAt === null ? null : instantText(run.startedAt),
    ended: run.endedAt === null ? null : instantText(run.endedAt),
    credits: { used: run.used, held: run.held },
  }))
}

type Step = { seconds: number; count: number }

function histogram(groups: readonly AttemptGroup[], kind: 'talked' | 'heard'): Step[] {
  return groups
    .flatMap((group) =>
      group.kind === kind && group.seconds !== null ? [{ seconds: group.seconds, count: group.count }] : [],
    )
    .sort((a, b) => a.seconds - b.seconds)
}

function middles(steps: readonly Step[]) {
  const count = sum(steps)
  const total = steps.reduce((all, step) => all + step.seconds * step.count, 0)
  const average = count === 0 ? null : round(total / count)
  return { total, average, median: quantile(steps, 0.5), p90: quantile(steps, 0.9) }
}

/** The smallest value that at least that part of all do not exceed. */
function quantile(steps: readonly Step[], part: number): number | null {
  const wanted = sum(steps) * part
  let passed = 0
  for (const step of steps) {
    passed += step.count
    if (passed >= wanted) return step.seconds
  }
  return null
}

function merged<Group extends { count: number }>(groups: readonly Group[], keyOf: (group: Group) => string) {
  const byKey = new Map<string, { first: Group; count: number }>()
  for (const group of groups) {
    const known = byKey.get(keyOf(group)) ?? { first: group, count: 0 }
    byKey.set(keyOf(group), { ...known, count: known.count + group.count })
  }
  return [...byKey.values()].sort((a, b) => b.count - a.count)
}

function sum(groups: readonly { count: number }[]): number {
  return groups.reduce((all, group) => all + group.count, 0)
}

function share(part: number, all: number): number | null {
  return all <= 0 ? null : Math.round((part / all) * 10_000) / 10_000
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
