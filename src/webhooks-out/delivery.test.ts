import { expect, test } from 'vitest'
import { outcomeOf } from './delivery.ts'

const hourMs = 3_600_000
const made = new Date('2026-11-20T10:00:00Z')
const giveUpAt = new Date(made.getTime() + 72 * hourMs)
const refused = { status: 500, answer: 'no', problem: 'answered_500', ms: 3 }

test('what is refused is tried again, later each time, until the three days are over and never after them', () => {
  let now = made
  const gaps: number[] = []
  let outcome = outcomeOf(refused, { attempts: 1, giveUpAt }, now)
  for (let attempts = 2; outcome.state === 'waiting' && attempts < 100; attempts += 1) {
    gaps.push((outcome.dueAt.getTime() - now.getTime()) / 1_000)
    now = outcome.dueAt
    outcome = outcomeOf(refused, { attempts, giveUpAt }, now)
  }
  expect(outcome).toEqual({ state: 'failed', gone: false })
  expect(gaps.slice(0, 10)).toEqual([5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200])
  expect(now).toEqual(giveUpAt)
})

test('a taken delivery is over, and so is one whose endpoint says that it is gone', () => {
  const taken = { status: 204, answer: '', problem: null, ms: 3 }
  expect(outcomeOf(taken, { attempts: 1, giveUpAt }, made)).toEqual({ state: 'delivered' })
  const gone = { status: 410, answer: '', problem: 'answered_410', ms: 3 }
  expect(outcomeOf(gone, { attempts: 1, giveUpAt }, made)).toEqual({ state: 'failed', gone: true })
})
