/**
 * How often a number is called again by itself, after which outcomes and when. Pure.
 *
 * Each outcome has a number of repeats and a delay of its own; all of them together stay under one cap for the person.
 */
import { wholeWithin } from '../accounts/settings-readers.ts'
import { isRecord } from '../http/coercion.ts'

export const retriedOutcomes = ['no_answer', 'busy', 'machine', 'failed', 'hungup'] as const
export type RetriedOutcome = (typeof retriedOutcomes)[number]

export type Again = { times: number; delayMinutes: number }

export type RetryPolicy = {
  /** Calls to one number in one run, whatever came of them. */
  maxAttempts: number
  after: Readonly<Partial<Record<RetriedOutcome, Again>>>
}

export type Retry =
  { again: true; delayMs: number } | { again: false; reason: 'cap' | 'not_repeated' | 'used_up' }

/** Whether a number is called again. Both counts include the attempt that just ended. */
export function decideRetry(
  policy: RetryPolicy,
  ended: { outcome: RetriedOutcome; attempts: number; sameOutcome: number },
): Retry {
  const rule = policy.after[ended.outcome]
  if (rule === undefined) return { again: false, reason: 'not_repeated' }
  if (ended.attempts >= policy.maxAttempts) return { again: false, reason: 'cap' }
  if (ended.sameOutcome > rule.times) return { again: false, reason: 'used_up' }
  return { again: true, delayMs: rule.delayMinutes * 60_000 }
}

/** Calls to one number that may cost something: those of them that are answered. */
export function mostAnswered(policy: RetryPolicy | null): number {
  if (policy === null) return 1
  return Math.min(
    policy.maxAttempts,
    1 + (policy.after.hungup?.times ?? 0) + (policy.after.machine?.times ?? 0),
  )
}

export const retryAccepted =
  '{"max_attempts": 3, "no_answer": {"times": 2, "delay_minutes": 60}, "busy": …, "failed": …, "hungup": …} with 2 to 20 attempts, 1 to 10 times and 1 to 10080 minutes, or null'

/** Undefined when it is not accepted. `unanswered` stands for no_answer and busy. */
export function readRetry(value: unknown): RetryPolicy | null | undefined {
  if (value === null) return null
  if (!isRecord(value)) return undefined
  const { max_attempts: given, ...rules } = value
  const after: Partial<Record<RetriedOutcome, Again>> = {}
  for (const [word, rule] of Object.entries(rules)) {
    const outcomes = outcomesOf(word.toLowerCase().replace(' ', '_'))
    const again = rule === null ? null : readAgain(rule)
    if (outcomes === undefined || again === undefined) return undefined
    if (again !== null) for (const outcome of outcomes) after[outcome] ??= again
  }
  const times = Object.values(after).map((again) => again.times)
  if (times.length === 0) return undefined
  const maxAttempts = given === undefined ? 1 + Math.max(...times) : wholeWithin(given, 2, 20)
  return maxAttempts === undefined ? undefined : { maxAttempts, after }
}

export function retryToWire(policy: RetryPolicy | null): Record<string, unknown> | null {
  if (policy === null) return null
  const rules = Object.entries(policy.after).map(([outcome, { times, delayMinutes }]) => [
    outcome,
    { times, delay_minutes: delayMinutes },
  ])
  return { max_attempts: policy.maxAttempts, ...Object.fromEntries(rules) }
}

function outcomesOf(word: string): readonly RetriedOutcome[] | undefined {
  if (word === 'unanswered') return ['no_answer', 'busy']
  const outcome = retriedOutcomes.find((name) => name === word)
  return outcome && [outcome]
}

function readAgain(rule: unknown): Again | undefined {
  if (!isRecord(rule)) return undefined
  const times = wholeWithin(rule['times'], 1, 10)
  const delayMinutes = wholeWithin(rule['delay_minutes'], 1, 10_080)
  return times === undefined || delayMinutes === undefined ? undefined : { times, delayMinutes }
}
