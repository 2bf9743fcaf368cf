import { expect, test } from 'vitest'
import { eligibility, numberBusyDelayMs, type Circumstances } from './eligibility.ts'

const now = new Date('2026-11-20T15:00:00Z') // Friday, 10:00 in New York

function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    now,
    rules: { callingHours: 'always', holidays: [], frequencyCapPerDay: null },
    zones: ['America/New_York'],
    onDoNotCallList: false,
    callsToday: 0,
    numberBusy: false,
    message: { ok: true },
    soundIsReady: true,
    magicNumberOnLiveCarrier: false,
    ...changes,
  }
}

const never = (reason: string) => ({ ok: false, reason, dueAt: null })
const office = { mon: ['09:00', '17:00'], fri: ['09:00', '17:00'] } as const
const rules = (changes: Partial<Circumstances['rules']>) => ({ ...circumstances().rules, ...changes })

test('nothing in the way: it may be called', () => {
  expect(eligibility(circumstances())).toEqual({ ok: true })
  expect(eligibility(circumstances({ rules: rules({ callingHours: office }) }))).toEqual({ ok: true })
})

test('some reasons are for good, and stand before those that pass', () => {
  const busy = { numberBusy: true, callsToday: 9, rules: rules({ frequencyCapPerDay: 1, callingHours: {} }) }
  expect(eligibility(circumstances({ ...busy, onDoNotCallList: true }))).toEqual(never('do_not_call'))
  expect(eligibility(circumstances({ ...busy, magicNumberOnLiveCarrier: true }))).toEqual(
    never('simulated_number'),
  )
  const message = { ok: false as const, reason: 'no_value_for_name' }
  expect(eligibility(circumstances({ ...busy, message }))).toEqual(never('no_value_for_name'))
  expect(eligibility(circumstances(busy))).toEqual(never('never_within_calling_hours'))
})

test('outside the calling hours it waits until they begin', () => {
  const at = new Date('2026-11-20T22:30:00Z')
  const verdict = eligibility(circumstances({ now: at, rules: rules({ callingHours: office }) }))
  expect(verdict).toEqual({ ok: false, reason: 'outside_window', dueAt: new Date('2026-11-23T14:00:00Z') })
})

test('a number that may be in several zones is called when it is time in all of them', () => {
  const zones = ['America/New_York', 'America/Los_Angeles']
  const verdict = eligibility(circumstances({ zones, rules: rules({ callingHours: office }) }))
  expect(verdict).toEqual({ ok: false, reason: 'outside_window', dueAt: new Date('2026-11-20T17:00:00Z') })
})

test('a person who was called as often as allowed waits until their own midnight', () => {
  const capped = { rules: rules({ frequencyCapPerDay: 2 }) }
  expect(eligibility(circumstances({ ...capped, callsToday: 1 }))).toEqual({ ok: true })
  expect(eligibility(circumstances({ ...capped, callsToday: 2 }))).toEqual({
    ok: false,
    reason: 'frequency_cap',
    dueAt: new Date('2026-11-21T05:00:00Z'),
  })
})

test('a person who is being called waits a moment', () => {
  expect(eligibility(circumstances({ numberBusy: true }))).toEqual({
    ok: false,
    reason: 'number_busy',
    dueAt: new Date(now.getTime() + numberBusyDelayMs),
  })
})
