import { callerNumber, type CallerNumber, type Capabilities } from './account-resources.ts'

/** A number that the carrier sells, until somebody has it. */
export interface OfferedNumber {
  phoneNumber: string
  country: string
  kind: NumberKind
  locality: string | null
  region: string | null
  capabilities: Capabilities
}

/** The kinds of numbers, by the names of their lists. */
export const NUMBER_KINDS = ['Local', 'Mobile', 'TollFree'] as const
export type NumberKind = (typeof NUMBER_KINDS)[number]

export const COUNTRIES: Readonly<Record<string, string>> = {
  CA: 'Canada',
  GB: 'United Kingdom',
  US: 'United States',
}

const everything: Capabilities = { voice: true, sms: true, mms: true, fax: false }
const voiceAndText: Capabilities = { voice: true, sms: true, mms: false, fax: false }
const voiceOnly: Capabilities = { voice: true, sms: false, mms: false, fax: false }

/** All of ranges that are kept for fiction: no phone anywhere has one. Twenty of each, ending in 40 to 59. */
const RANGES: readonly (Omit<OfferedNumber, 'phoneNumber'> & { prefix: string })[] = [
  ...northAmerican('US', [
    ['212', 'New York', 'NY'],
    ['303', 'Denver', 'CO'],
    ['312', 'Chicago', 'IL'],
    ['415', 'San Francisco', 'CA'],
    ['617', 'Boston', 'MA'],
  ]),
  ...northAmerican('CA', [
    ['416', 'Toronto', 'ON'],
    ['604', 'Vancouver', 'BC'],
  ]),
  range('+180055501', 'US', 'TollFree', voiceOnly),
  range('+4420794601', 'GB', 'Local', voiceOnly),
  range('+4477009001', 'GB', 'Mobile', voiceAndText),
]

/** Everything there is to buy, in order. */
export const OFFERED: readonly OfferedNumber[] = RANGES.flatMap(({ prefix, ...rest }) =>
  Array.from({ length: 20 }, (_, index) => ({ ...rest, phoneNumber: `${prefix}${index + 40}` })),
)

/** What the last two digits of a number decide about buying and releasing it. All others go well, as 40 does. */
export function numberMagic(phoneNumber: string): 'taken' | 'pending' | 'in-use' | 'error' | null {
  if (!OFFERED.some((offered) => offered.phoneNumber === phoneNumber)) return null
  switch (phoneNumber.slice(-2)) {
    case '41':
      return 'taken'
    case '42':
      return 'pending'
    case '43':
      return 'in-use'
    case '44':
      return 'error'
    default:
      return null
  }
}

/** What becomes of an offered number when it is bought. */
export function boughtNumber(
  offered: OfferedNumber,
  at: Date,
  names: { friendlyName: string | null; pendingMs: number },
): CallerNumber {
  const number = callerNumber(offered.phoneNumber, 'owned')
  return {
    ...number,
    kind: 'owned',
    since: at,
    capabilities: offered.capabilities,
    friendlyName: names.friendlyName ?? offered.phoneNumber,
    usableFrom: new Date(
      at.getTime() + (numberMagic(offered.phoneNumber) === 'pending' ? names.pendingMs : 0),
    ),
  }
}

/** Digits anywhere in the number; `*` stands for any one digit. */
export function containsPattern(phoneNumber: string, pattern: string): boolean {
  const wanted = pattern.replaceAll(/[^\d*]/g, '').replaceAll('*', '\\d')
  return new RegExp(wanted).test(phoneNumber)
}

function northAmerican(
  country: string,
  areas: readonly [code: string, locality: string, region: string][],
): (typeof RANGES)[number][] {
  return areas.map(([code, locality, region]) => ({
    ...range(`+1${code}55501`, country, 'Local', everything),
    locality,
    region,
  }))
}

function range(
  prefix: string,
  country: string,
  kind: NumberKind,
  capabilities: Capabilities,
): (typeof RANGES)[number] {
  return { prefix, country, kind, capabilities, locality: null, region: null }
}
