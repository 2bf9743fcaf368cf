/** Plans in words. Pure. */
import { dateIn } from '../../lib/local-date.ts'
import type { CallPlan } from './read-today.ts'

const often: Record<string, string> = {
  DAILY: 'Every day',
  WEEKLY: 'Every week',
  BIWEEKLY: 'Every two weeks',
  MONTHLY: 'Every month',
}

export function frequencyWords(frequency: string): string {
  return often[frequency] ?? frequency
}

export const outcomes = [
  { value: 'answered', word: 'Answered' },
  { value: 'no_answer', word: 'No answer' },
  { value: 'busy', word: 'Busy' },
  { value: 'left_message', word: 'Left a message' },
  { value: 'wrong_number', word: 'Wrong number' },
  { value: 'other', word: 'Something else' },
] as const

export function outcomeWords(outcome: string | null): string {
  return outcomes.find(({ value }) => value === outcome)?.word ?? 'Called'
}

export function nameOf(plan: CallPlan): string {
  return plan.person?.name || `Lead ${plan.lead}`
}

/** Whole days since it was due; 0 today. */
export function daysOverdue(plan: CallPlan, zone: string, nowMs: number): number {
  const due = Date.parse(dateIn(Date.parse(plan.next_call_date), zone))
  return Math.max(0, Math.round((Date.parse(dateIn(nowMs, zone)) - due) / 86_400_000))
}

export function overdueWords(days: number): string {
  if (days === 0) return 'Today'
  return days === 1 ? '1 day late' : `${days} days late`
}
