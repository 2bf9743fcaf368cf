import { describe, expect, it } from 'vitest'
import { numbersOf, pausesPlans } from './lead.ts'

describe('a lead', () => {
  it('has each of its numbers once', () => {
    expect(numbersOf({ phoneE164: '+9779841000001', altPhoneE164: '+9779841000001' })).toEqual([
      '+9779841000001',
    ])
    expect(numbersOf({ phoneE164: null, altPhoneE164: '+9779841000002' })).toEqual(['+9779841000002'])
  })

  it('pauses its plans when it is closed, blown out or on the do-not-call list', () => {
    for (const status of ['won', 'lost', 'sale_made', 'sale_lost', 'blow_out'] as const) {
      expect(pausesPlans({ status, doNotCall: false })).toBe(true)
    }
    expect(pausesPlans({ status: 'interested', doNotCall: false })).toBe(false)
    expect(pausesPlans({ status: 'interested', doNotCall: true })).toBe(true)
  })
})
