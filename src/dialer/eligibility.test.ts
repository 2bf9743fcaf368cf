import { expect, test } from 'vitest'
import { moreContacts, noContacts } from '../accounts/frequency-cap.ts'
import { eligibility, numberBusyDelayMs, type Circumstances } from './eligibility.ts'

const now = new Date('2026-11-20T15:00:00Z') // Friday, 10:00 in New York

function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    now,
    rules: { callingHours: 'always', holidays: [], frequencyCap: null },
    zones: ['America/New_York'],
    onDoNotCallList: false,
    contacts: noContacts,
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
  const busy = {
    numberBusy: true,
    contacts: moreContacts(noContacts, 9),
    rules: rules({ frequencyCap: { perDay: 1 }, callingHours: {} }),
  }
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

test('a person who was contacted as often as allowed waits until their own midnight', () => {
  const capped = { rules: rules({ frequencyCap: { perDay: 2 } }) }
  const waits = { ok: false, reason: 'frequency_cap', dueAt: new Date('2026-11-21T05:00:00Z') }
  expect(eligibility(circumstances({ ...capped, contacts: moreContacts(noContacts, 1) }))).toEqual({
    ok: true,
  })
  expect(eligibility(circumstances({ ...capped, contacts: moreContacts(noContacts, 2) }))).toEqual(waits)
  const wide = { rules: rules({ frequencyCap: { perDay: 2, perWeek: 5 } }) }
  const week = { perDay: 0, perWeek: 5, perMonth: 5 }
  expect(eligibility(circumstances({ ...wide, contacts: week }))).toEqual(waits)
  expect(eligibility(circumstances({ ...wide, contacts: { ...week, perWeek: 4 } }))).toEqual({ ok: true })
})

test('a person who is being called waits a moment', () => {
  expect(eligibility(circumstances({ numberBusy: true }))).toEqual({
    ok: false,
    reason: 'number_busy',
    dueAt: new Date(now.getTime() + numberBusyDelayMs),
  })
})
