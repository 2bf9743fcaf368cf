import { describe, expect, it } from 'vitest'
import { carrierOptions } from './main.ts'
import { parseProfile, planCall, PROFILES } from './profile.ts'
import { SEED } from './test-world.ts'

const plans = Array.from({ length: 10_000 }, (_, index) =>
  planCall(PROFILES.default, { seed: SEED, to: `+1312${5_550_000 + index}`, attempt: 1 }),
)

/** Of ten thousand, in percent. */
function share(count: number): number {
  return Math.round(count / 100)
}

describe('a profile', () => {
  it('gives outcomes in the proportion of their weights', () => {
    const answered = plans.filter((plan) => plan.outcome === 'answered')
    expect(
      Math.abs(share(answered.filter((plan) => plan.hearsFraction === null).length) - 62),
    ).toBeLessThanOrEqual(2)
    expect(
      Math.abs(share(answered.filter((plan) => plan.hearsFraction !== null).length) - 12),
    ).toBeLessThanOrEqual(2)
    for (const [outcome, percent] of [
      ['no-answer', 15],
      ['busy', 7],
      ['failed', 4],
    ] as const) {
      const count = plans.filter((plan) => plan.outcome === outcome).length
      expect(Math.abs(share(count) - percent)).toBeLessThanOrEqual(2)
    }
  })

  it('gives the same number another outcome at another attempt, and the same at the same', () => {
    const key = { seed: SEED, to: '+13125550142', attempt: 1 }
    expect(planCall(PROFILES.default, key)).toEqual(planCall(PROFILES.default, key))
    const attempts = [1, 2, 3, 4, 5, 6].map((attempt) => planCall(PROFILES.default, { ...key, attempt }))
    expect(new Set(attempts.map((plan) => plan.ringSeconds)).size).toBeGreaterThan(1)
  })

  it('is read from JSON, and a wrong member is named', () => {
    const profile = parseProfile('{"outcomes":{"busy":100},"ringSeconds":[1,2],"pressPercent":{}}')
    expect(profile).toMatchObject({
      outcomes: { busy: 100, completed: 62 },
      ringSeconds: [1, 2],
      pressPercent: {},
    })
    expect(() => parseProfile('{"ringSeconds":[2,1]}')).toThrow('ringSeconds')
    expect(() => parseProfile('{"outcomes":{"busy":"many"}}')).toThrow('outcomes.busy')
  })
})

describe('the command line', () => {
  it('is turned into options', () => {
    const options = carrierOptions(
      [
        '--port',
        '0',
        '--data',
        'here',
        '--speed',
        '20',
        '--fault',
        '429:30',
        '--fault',
        'callbacks-lost',
      ].concat(['--answer-delay', '50-500', '--calls-per-second', '10']),
    )
    expect(options).toMatchObject({ port: 0, speed: 20, callsPerSecond: 10, profile: { name: 'default' } })
    expect(options.faults).toMatchObject({
      percent: { '429': 30, 'callbacks-lost': 100 },
      answerDelayMs: [50, 500],
    })
  })

  it.each([
    ['--fault', 'unheard-of'],
    ['--speed', '0'],
    ['--answer-delay', 'long'],
    ['--port', 'x'],
  ])('refuses %s %s with a sentence', (...args) => {
    expect(() => carrierOptions(args)).toThrow(/./)
  })
})
