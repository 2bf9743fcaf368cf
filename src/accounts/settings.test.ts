import { expect, test } from 'vitest'
import { defaultSettings, parseSettings, readSettingsChange, settingsToWire } from './settings.ts'

const accepted = (body: Record<string, unknown>) => {
  const { changes, problems } = readSettingsChange(body)
  return problems.length > 0 ? problems : changes
}

test('what nobody chose has its default, and so has what is stored but no longer accepted', () => {
  expect(parseSettings({})).toEqual(defaultSettings)
  expect(parseSettings({ time_zone: 'Mars/Olympus', holidays: 'often', sign_up_open: true })).toEqual({
    ...defaultSettings,
    signUpOpen: true,
  })
})

test('settings come back from the database as they were chosen', () => {
  const chosen = {
    timeZone: 'Asia/Kathmandu',
    defaultRegion: 'US',
    signUpOpen: true,
    callingHours: { mon: ['09:00', '20:00'], sat: ['10:00', '24:00'] },
    holidays: ['2026-12-25'],
    frequencyCap: { perDay: 3 },
    callsPerSecond: 2.5,
    maxConcurrentCalls: 40,
    unknownPolicy: 'hold',
    allowedOrigins: ['https://crm.example.com'],
    intakeAllowList: ['10.0.0.0/8', '2001:db8::1'],
    intakeQueryKey: true,
    intakePerMinute: 600,
    cancellationLimit: 5,
    cancellationWindowDays: 14,
    cancellationFee: 250,
    creditLimit: 5_000,
    creditPrices: { default: { call: 1, text: 2, number: 50 }, NP: { call: 3 } },
    otpEcho: false,
    otpCountries: ['NP', 'IN'],
    otpPerDay: 500,
  } as const
  expect(parseSettings(JSON.parse(JSON.stringify(settingsToWire(chosen))))).toEqual(chosen)
})

test('calling hours are days with two times in order, always, or not chosen', () => {
  expect(accepted({ calling_hours: 'Always' })).toEqual({ callingHours: 'always' })
  expect(accepted({ calling_hours: null })).toEqual({ callingHours: null })
  expect(accepted({ calling_hours: { Mon: ['09:00', '20:00'], tue: null } })).toEqual({
    callingHours: { mon: ['09:00', '20:00'] },
  })
  const wrong = [
    {},
    { mon: null },
    { monday: ['09:00', '20:00'] },
    { mon: ['20:00', '09:00'] },
    { mon: ['09:00', '09:00'] },
    { mon: ['9:00', '20:00'] },
    { mon: ['09:00', '25:00'] },
    { mon: ['09:00'] },
    'never',
    ['09:00', '20:00'],
    0,
  ]
  for (const hours of wrong) {
    expect([hours, readSettingsChange({ calling_hours: hours }).problems[0]?.param]).toEqual([
      hours,
      'calling_hours',
    ])
  }
})

test('values may come as the text of a form', () => {
  const form = {
    sign_up_open: 'True',
    calls_per_second: '2.5',
    max_concurrent_calls: '40',
    unknown_policy: 'HOLD',
    holidays: '2026-12-25',
    frequency_cap: '{"per_day": "3", "per_week": 5}',
    calling_hours: '{"mon": ["09:00", "20:00"]}',
    default_region: 'np',
  }
  expect(accepted(form)).toEqual({
    signUpOpen: true,
    callsPerSecond: 2.5,
    maxConcurrentCalls: 40,
    unknownPolicy: 'hold',
    holidays: ['2026-12-25'],
    frequencyCap: { perDay: 3, perWeek: 5 },
    callingHours: { mon: ['09:00', '20:00'] },
    defaultRegion: 'NP',
  })
})

test('a value that is not accepted is named with what would be', () => {
  const { problems } = readSettingsChange({
    frequency_cap: { per_day: 0 },
    time_zone: 'Nowhere',
    holidays: ['2026-02-30'],
  })
  expect(problems.map((problem) => problem.message)).toEqual([
    'frequency_cap must be {"per_day": 3}, {"per_week": 7}, {"per_month": 20} or several of them in one, with whole numbers from 1 to 100, or null; an object is not.',
    'time_zone must be a time zone like Asia/Kathmandu; "Nowhere" is not.',
    'holidays must be a list of at most 400 dates like 2026-12-25; a list is not.',
  ])
})

test('an unknown member is a problem and never silently ignored', () => {
  const { changes, problems } = readSettingsChange({
    callinghours: 'always',
    sign_up_open: true,
  })
  expect(problems.map((problem) => [problem.param, problem.code])).toEqual([['callinghours', 'unknown']])
  expect(changes).toEqual({ signUpOpen: true })
})
