import { expect, test } from 'vitest'
import type { CarrierCall } from '../carriers/carrier.ts'
import {
  ownCall,
  patienceWithin,
  silenceDue,
  unknownLook,
  usualPatience,
  watchOf,
  type Watch,
} from './reconcile.ts'

const unknownAfterMs = 120_000
const patience = { lookAfterMs: usualPatience.lookAfterMs, unknownAfterMs }

function watching(changes: Partial<Watch> = {}): Watch {
  return { state: 'unknown', sinceMs: 0, looks: 0, lastLookMs: 0, misses: 0, ...changes }
}

/** The seconds at which an unknown call is looked for when every look finds nothing. */
function looks(): { at: number; last: boolean }[] {
  const watch = watching()
  const made: { at: number; last: boolean }[] = []
  for (let nowMs = 0; nowMs <= 121_000; nowMs += 500) {
    const { due, last } = unknownLook(watch, nowMs, patience)
    if (!due) continue
    made.push({ at: nowMs / 1_000, last })
    watch.looks += 1
    watch.lastLookMs = nowMs
    if (last) break
  }
  return made
}

test('an unknown call is looked for at 2, 5, 15, 45 and 120 seconds, and only the last look may give it up', () => {
  expect(looks()).toEqual([
    { at: 2, last: false },
    { at: 5, last: false },
    { at: 15, last: false },
    { at: 45, last: false },
    { at: 120, last: true },
  ])
})

test('watching starts anew when the call changes its state: waiting for an answer does not count as looking', () => {
  const placing = watchOf(undefined, 'placing', 0)
  const unknown = watchOf(placing, 'unknown', 30_000)
  expect(unknown).toMatchObject({ sinceMs: 30_000, looks: 0 })
  expect(unknownLook(unknown, 120_000, patience).last).toBe(false)
  expect(unknownLook(unknown, 150_000, patience).last).toBe(true)
  expect(watchOf(unknown, 'unknown', 60_000)).toBe(unknown)
})

const heard = (silentMs: number, bereft = false) => ({ silentMs, bereft })

test('a silent call is asked about sooner the less can be going on, and less often the longer it is the same', () => {
  const ringing = watching({ state: 'ringing' })
  expect(silenceDue(heard(14_000), ringing, 14_000, usualPatience)).toBe(false)
  expect(silenceDue(heard(15_000), ringing, 15_000, usualPatience)).toBe(true)
  const asked = { ...ringing, looks: 1, lastLookMs: 15_000 }
  expect(silenceDue(heard(44_000), asked, 44_000, usualPatience)).toBe(false)
  expect(silenceDue(heard(45_000), asked, 45_000, usualPatience)).toBe(true)
  const often = { ...ringing, looks: 30, lastLookMs: 0 }
  expect(silenceDue(heard(200_000), often, 119_000, usualPatience)).toBe(false)
  expect(silenceDue(heard(200_000), often, 120_000, usualPatience)).toBe(true)
})

test('no silence is borne longer than the carrier is given to list a call, and none shorter than two seconds', () => {
  expect(patienceWithin(120_000)).toEqual(usualPatience)
  const quick = patienceWithin(12_000)
  expect(quick.silenceMs).toEqual({ initiated: 10_000, ringing: 12_000, in_progress: 12_000 })
  expect(quick.shortestSilenceMs).toBe(10_000)
  expect(patienceWithin(1_000).silenceMs).toEqual({ initiated: 2_000, ringing: 2_000, in_progress: 2_000 })
  expect(patienceWithin(1_000).shortestSilenceMs).toBe(2_000)
})

test('a call that nobody listened for is asked about at once, and then like any other', () => {
  const ringing = watching({ state: 'ringing' })
  expect(silenceDue(heard(100, true), ringing, 100, usualPatience)).toBe(true)
  const asked = { ...ringing, looks: 1, lastLookMs: 100 }
  expect(silenceDue(heard(14_000, true), asked, 14_000, usualPatience)).toBe(false)
  expect(silenceDue(heard(31_000, true), asked, 31_000, usualPatience)).toBe(true)
})

const intendedAt = new Date('2026-11-20T08:00:00Z')
const attempt = { callId: 'mine', intendedAt }
const found = (sid: string, seconds: number): CarrierCall => ({
  sid,
  to: '+1',
  from: '+2',
  state: 'ringing',
  duration: null,
  createdAt: new Date(intendedAt.getTime() + seconds * 1_000),
})
const among = (calls: CarrierCall[], bound: [string, string][] = [], clockAheadMs = 0) =>
  ownCall(attempt, { calls, clockAheadMs }, new Map(bound))

test('an attempt’s call is the oldest one after its intent that no other attempt has', () => {
  expect(among([found('b', 3), found('a', 1)])).toMatchObject({ own: { sid: 'a' }, others: [{ sid: 'b' }] })
  expect(among([found('a', 1), found('b', 3)], [['a', 'another']]).own?.sid).toBe('b')
  expect(among([found('a', 1)], [['a', 'mine']]).own?.sid).toBe('a')
  expect(among([found('old', -61)]).own).toBeNull()
  expect(among([]).own).toBeNull()
})

test('the carrier’s clock may differ from ours', () => {
  expect(among([found('a', -600)], [], -600_000).own?.sid).toBe('a')
  expect(among([found('old', 500)], [], 600_000).own).toBeNull()
})
