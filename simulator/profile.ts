import type { CallPlan } from './call-plan.ts'
import { ERROR_NOT_CONNECTED, PLAIN_PLAN, SIP_BUSY, SIP_NO_ANSWER, SIP_NOT_FOUND } from './call-plan.ts'
import { drawBetween, drawWeighted, seededDraw } from './random.ts'

/** How a crowd of people behaves. Weights are relative; ranges are [least, most] in seconds. */
export interface Profile {
  name: string
  outcomes: {
    completed: number
    hung_up: number
    no_answer: number
    busy: number
    failed: number
  }
  dialSeconds: [number, number]
  ringSeconds: [number, number]
  /** The part of the first message that somebody who hangs up early has heard. */
  hearsFraction: [number, number]
  /** Of a hundred answered calls, how many are answered by a machine. */
  machinePercent: number
  /** How long a machine greets before its beep. */
  beepSeconds: [number, number]
  /** Of a hundred people asked for a key, how many press which. */
  pressPercent: Record<string, number>
  texts: {
    outcomes: { delivered: number; undelivered: number; failed: number; silent: number }
    sendSeconds: [number, number]
    deliverSeconds: [number, number]
  }
}

export const PROFILES: Readonly<Record<'default' | 'all-answer', Profile>> = {
  default: {
    name: 'default',
    outcomes: { completed: 62, hung_up: 12, no_answer: 15, busy: 7, failed: 4 },
    dialSeconds: [0.5, 3],
    ringSeconds: [2, 22],
    hearsFraction: [0.1, 0.8],
    machinePercent: 8,
    beepSeconds: [4, 12],
    pressPercent: { '1': 25, '2': 5, '9': 2 },
    texts: {
      outcomes: { delivered: 95, undelivered: 4, failed: 1, silent: 0 },
      sendSeconds: [0.2, 1.5],
      deliverSeconds: [0.5, 6],
    },
  },
  'all-answer': {
    name: 'all-answer',
    outcomes: { completed: 1, hung_up: 0, no_answer: 0, busy: 0, failed: 0 },
    dialSeconds: [0.1, 0.1],
    ringSeconds: [1, 1],
    hearsFraction: [1, 1],
    machinePercent: 0,
    beepSeconds: [8, 8],
    pressPercent: {},
    texts: {
      outcomes: { delivered: 1, undelivered: 0, failed: 0, silent: 0 },
      sendSeconds: [0.2, 0.2],
      deliverSeconds: [0.5, 0.5],
    },
  },
}

/** Which call is meant: the outcome depends on these three and on nothing else. */
export interface CallKey {
  seed: string
  to: string
  /** 1 for the first call to this number. */
  attempt: number
}

/** Decides what the called person will do. The same key always gives the same plan. */
export function planCall(profile: Profile, key: CallKey): CallPlan {
  const draw = seededDraw(key.seed, key.to, key.attempt, 'plan')
  const outcome = drawWeighted(draw, profile.outcomes)
  const plan: CallPlan = {
    ...PLAIN_PLAN,
    dialSeconds: tenths(drawBetween(draw, profile.dialSeconds)),
    ringSeconds: tenths(drawBetween(draw, profile.ringSeconds)),
    answeredBy: draw() * 100 < profile.machinePercent ? 'machine' : 'human',
    presses: drawPress(draw() * 100, profile.pressPercent),
  }
  const fraction = drawBetween(draw, profile.hearsFraction)
  if (plan.answeredBy === 'machine') {
    // A draw of its own, so that everything else about a number stays as it was.
    plan.beepSeconds = tenths(
      drawBetween(seededDraw(key.seed, key.to, key.attempt, 'beep'), profile.beepSeconds),
    )
    plan.presses = ''
  }
  switch (outcome) {
    case 'completed':
      return plan
    case 'hung_up':
      return { ...plan, answeredBy: 'human', hearsFraction: fraction, presses: '' }
    case 'no_answer':
      return { ...plan, outcome: 'no-answer', sipResponseCode: SIP_NO_ANSWER }
    case 'busy':
      return { ...plan, outcome: 'busy', sipResponseCode: SIP_BUSY }
    case 'failed':
      return {
        ...plan,
        outcome: 'failed',
        sipResponseCode: SIP_NOT_FOUND,
        errorCode: ERROR_NOT_CONNECTED,
      }
  }
}

/**
 * Reads a profile from JSON. Members that are absent are those of the default profile.
 * Throws an Error that names the member when a value is not what it must be.
 */
export function parseProfile(json: string): Profile {
  const value: unknown = JSON.parse(json)
  if (!isRecord(value)) throw new Error('A profile must be a JSON object.')
  const base = PROFILES.default
  return {
    name: typeof value['name'] === 'string' ? value['name'] : 'custom',
    outcomes: { ...base.outcomes, ...numbers(value['outcomes'], 'outcomes') },
    dialSeconds: range(value['dialSeconds'], 'dialSeconds') ?? base.dialSeconds,
    ringSeconds: range(value['ringSeconds'], 'ringSeconds') ?? base.ringSeconds,
    hearsFraction: range(value['hearsFraction'], 'hearsFraction') ?? base.hearsFraction,
    beepSeconds: range(value['beepSeconds'], 'beepSeconds') ?? base.beepSeconds,
    machinePercent: numbers({ machinePercent: value['machinePercent'] }, 'profile')['machinePercent'] ?? 8,
    pressPercent:
      value['pressPercent'] === undefined
        ? base.pressPercent
        : numbers(value['pressPercent'], 'pressPercent'),
    texts: parseTexts(value['texts']),
  }
}

function parseTexts(value: unknown): Profile['texts'] {
  const base = PROFILES.default.texts
  if (value === undefined) return base
  if (!isRecord(value)) throw new Error('texts must be an object.')
  return {
    outcomes: { ...base.outcomes, ...numbers(value['outcomes'], 'texts.outcomes') },
    sendSeconds: range(value['sendSeconds'], 'texts.sendSeconds') ?? base.sendSeconds,
    deliverSeconds: range(value['deliverSeconds'], 'texts.deliverSeconds') ?? base.deliverSeconds,
  }
}

function drawPress(point: number, pressPercent: Record<string, number>): string {
  let rest = point
  for (const [digits, percent] of Object.entries(pressPercent)) {
    rest -= percent
    if (rest < 0) return digits
  }
  return ''
}

function numbers(value: unknown, name: string): Record<string, number> {
  if (value === undefined) return {}
  if (!isRecord(value)) throw new Error(`${name} must be an object of numbers.`)
  const result: Record<string, number> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    if (typeof member !== 'number' || !(member >= 0))
      throw new Error(`${name}.${key} must be a number from 0.`)
    result[key] = member
  }
  return result
}

function range(value: unknown, name: string): [number, number] | undefined {
  if (value === undefined) return undefined
  const [least, most] = Array.isArray(value) ? (value as unknown[]) : []
  if (typeof least !== 'number' || typeof most !== 'number' || least < 0 || most < least) {
    throw new Error(`${name} must be two numbers, [least, most].`)
  }
  return [least, most]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
