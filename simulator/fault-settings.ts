import {
  CALLBACK_FAULTS,
  NO_FAULTS,
  REQUEST_FAULTS,
  type FaultName,
  type FaultSettings,
  type Range,
} from './faults.ts'

const NAMES: readonly string[] = [...REQUEST_FAULTS, ...CALLBACK_FAULTS]

/** Reads `NAME` or `NAME:PERCENT` as given on the command line. Throws an Error that lists the names. */
export function parseFault(text: string): [FaultName, number] {
  const [name = '', percentText = '100'] = text.split(':')
  const percent = Number(percentText)
  if (!isFaultName(name))
    throw new Error(`No fault is called "${name}". The faults are: ${NAMES.join(', ')}.`)
  if (!(percent >= 0 && percent <= 100))
    throw new Error(`"${text}": the percentage must be between 0 and 100.`)
  return [name, percent]
}

/**
 * Turns unknown JSON into complete settings. What is absent has no fault, so a PUT states everything that
 * is to be wrong from now on. Throws an Error that names the member when a value is not what it must be.
 */
export function parseFaultSettings(value: unknown): FaultSettings {
  if (!isRecord(value)) throw new Error('Fault settings must be a JSON object.')
  const known = Object.keys(NO_FAULTS)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown) throw new Error(`"${unknown}" is no setting. The settings are: ${known.join(', ')}.`)
  const percentInput = value['percent'] ?? {}
  if (!isRecord(percentInput)) throw new Error('percent must be an object of fault names and percentages.')
  const percent: FaultSettings['percent'] = {}
  for (const [name, given] of Object.entries(percentInput)) {
    const [fault, share] = parseFault(`${name}:${String(given)}`)
    percent[fault] = share
  }
  const money = value['moneyForCalls'] ?? null
  return {
    percent,
    acceptDelayMs: range(value, 'acceptDelayMs'),
    answerDelayMs: range(value, 'answerDelayMs'),
    callbackDelayMs: range(value, 'callbackDelayMs'),
    retryAfterSeconds: range(value, 'retryAfterSeconds'),
    listLagSeconds: count(value['listLagSeconds'] ?? 0, 'listLagSeconds'),
    moneyForCalls: money === null ? null : count(money, 'moneyForCalls'),
  }
}

/** Reads `LEAST-MOST` or a single number, as given on the command line. */
export function parseRange(text: string): Range {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (!match) throw new Error(`"${text}" is not a range such as 50-500.`)
  const least = Number(match[1])
  const most = Number(match[2] ?? match[1])
  if (most < least) throw new Error(`"${text}": the second number must not be smaller than the first.`)
  return [least, most]
}

function range(
  value: Record<string, unknown>,
  name: 'acceptDelayMs' | 'answerDelayMs' | 'callbackDelayMs' | 'retryAfterSeconds',
): Range {
  const given = value[name]
  if (given === undefined) return NO_FAULTS[name]
  const [least, most] = Array.isArray(given) ? (given as unknown[]) : []
  if (typeof least !== 'number' || typeof most !== 'number' || least < 0 || most < least) {
    throw new Error(`${name} must be two numbers, [least, most].`)
  }
  return [least, most]
}

function count(value: unknown, name: string): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`${name} must be a number from 0.`)
  return value
}

function isFaultName(name: string): name is FaultName {
  return NAMES.includes(name)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
