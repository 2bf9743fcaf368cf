/**
 * What the numbering plans of the world say about a number. Pure.
 *
 * The library is right but compiles its patterns anew for every number. Here each pattern is compiled once; digits
 * whose reading needs more than a pattern (trunk prefixes, carrier codes, foreign dialing prefixes) go to the library.
 */
import metadata from 'libphonenumber-js/max/metadata'
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'

export interface PlanReading {
  e164: string
  /** The significant digits, without the country code. */
  national: string
  /** Possible by its length. */
  possible: boolean
  /** In a range that its country has assigned. */
  valid: boolean
  premium: boolean
}

/** Reads digits that begin with a country code. Null when no country has that code. */
export function readInternational(digits: string): PlanReading | null {
  const quick = quickInternational(digits)
  return quick === undefined ? readByLibrary(`+${digits}`, null) : quick
}

/** Reads digits as someone in the region would dial them. Null when they cannot be read so. */
export function readNational(digits: string, region: string): PlanReading | null {
  const quick = quickNational(digits, region)
  return quick === undefined ? readByLibrary(digits, region) : quick
}

/** The library's own reading: the reference that the quick path is held against. */
export function readByLibrary(text: string, region: string | null): PlanReading | null {
  const options = isRegion(region) ? { defaultCountry: region, extract: false } : { extract: false }
  const parsed = parsePhoneNumberFromString(text, options)
  if (parsed === undefined) return null
  return {
    e164: parsed.number,
    national: parsed.nationalNumber,
    possible: parsed.isPossible(),
    valid: parsed.isValid(),
    premium: parsed.getType() === 'PREMIUM_RATE',
  }
}

export function isRegion(region: string | null): region is CountryCode {
  return region !== null && Object.hasOwn(source.countries, region)
}

/**
 * The ISO country of a number in E.164; null when no country has it. Where several share a calling code, the one in whose
 * range it is, else the one that the code is chiefly for.
 */
export function countryOf(e164: string): string | null {
  const digits = e164.replace('+', '')
  const plans = plansOf(digits)
  const main = plans?.[0]
  if (!plans || !main || main.region === '001') return null
  const national = digits.slice(main.callingCode.length)
  return (plans.find((one) => claims(one, national)) ?? main).region
}

/** The calling code of an ISO country, without the plus; null for an unknown one. */
export function callingCodeOf(region: string): string | null {
  return planOf(region)?.callingCode ?? null
}

interface Plan {
  region: string
  callingCode: string
  general: RegExp
  lengths: readonly number[]
  trunkPrefix: RegExp | null
  dialOutPrefix: RegExp | null
  leadingDigits: RegExp | null
  types: { premium: boolean; lengths: readonly number[]; pattern: RegExp }[]
}

const FIXED_LINE = 0
const PREMIUM_RATE = 3
// The order in which the library asks: an earlier type wins where two overlap.
const TYPE_ORDER = [FIXED_LINE, 1, PREMIUM_RATE, 2, 9, 8, 4, 7, 6, 5]

// The package types its metadata as opaque; the layout is the one its own reader documents.
const source = metadata as unknown as {
  country_calling_codes: Record<string, string[]>
  countries: Record<string, unknown[]>
  nonGeographic: Record<string, unknown[]>
}
// Compiled when a number of theirs is first read: all of them together would hold up every start.
const compiled = new Map<string, Plan>()
const plansByCallingCode = new Map<string, Plan[] | undefined>()

function planOf(region: string): Plan | undefined {
  const known = compiled.get(region)
  if (known || !Object.hasOwn(source.countries, region)) return known
  const plan = compilePlan(region, source.countries[region] ?? [])
  compiled.set(region, plan)
  return plan
}

function plansWith(callingCode: string): Plan[] | undefined {
  if (!plansByCallingCode.has(callingCode)) plansByCallingCode.set(callingCode, compileWith(callingCode))
  return plansByCallingCode.get(callingCode)
}

function compileWith(callingCode: string): Plan[] | undefined {
  const worldwide = source.nonGeographic[callingCode]
  if (worldwide !== undefined) return [compilePlan('001', worldwide)]
  const plans = (source.country_calling_codes[callingCode] ?? [])
    .map(planOf)
    .filter((plan) => plan !== undefined)
  return plans.length > 0 ? plans : undefined
}

function compilePlan(region: string, row: unknown[]): Plan {
  const lengths = row[3] as number[]
  const types = (row[11] || []) as ([string, number[]?] | 0 | undefined)[]
  const prefix = (row[7] || row[5]) as string | 0 | undefined
  return {
    region,
    callingCode: row[0] as string,
    general: new RegExp(`^(?:${row[2] as string})$`),
    lengths,
    trunkPrefix: prefix ? new RegExp(`^(?:${prefix})`) : null,
    dialOutPrefix: row[1] ? new RegExp(`^(?:${row[1] as string})`) : null,
    leadingDigits: row[10] ? new RegExp(`^(?:${row[10] as string})`) : null,
    types: TYPE_ORDER.flatMap((index) => {
      const type = types[index]
      if (!type || !type[0]) return []
      const pattern = new RegExp(`^(?:${type[0]})$`)
      return [{ premium: index === PREMIUM_RATE, lengths: type[1] ?? lengths, pattern }]
    }),
  }
}

function quickInternational(digits: string): PlanReading | null | undefined {
  const plans = plansOf(digits)
  const main = plans?.[0]
  if (!plans || !main) return undefined
  const national = digits.slice(main.callingCode.length)
  if (national.length < 4 || main.trunkPrefix?.test(national)) return undefined
  return judge(plans, main, national)
}

function quickNational(digits: string, region: string): PlanReading | null | undefined {
  const plan = planOf(region)
  if (!plan || digits.length < 4) return undefined
  if (digits.startsWith(plan.callingCode) || plan.trunkPrefix?.test(digits)) return undefined
  if (plan.dialOutPrefix?.test(digits)) return undefined
  return judge(plansWith(plan.callingCode) ?? [plan], plan, digits)
}

function plansOf(digits: string): Plan[] | undefined {
  for (let length = 1; length <= 3; length++) {
    const plans = plansWith(digits.slice(0, length))
    if (plans) return plans
  }
  return undefined
}

/** Finds the country among those that share a calling code; where none claims the number, `fallback` speaks. */
function judge(plans: Plan[], fallback: Plan, national: string): PlanReading {
  const plan =
    plans.length === 1 ? (plans[0] ?? fallback) : (plans.find((one) => claims(one, national)) ?? fallback)
  const type = typeOf(plan, national)
  return {
    e164: `+${plan.callingCode}${national}`,
    national,
    possible: plan.lengths.includes(national.length),
    valid: type !== null,
    premium: type?.premium ?? false,
  }
}

function claims(plan: Plan, national: string): boolean {
  return plan.leadingDigits ? plan.leadingDigits.test(national) : typeOf(plan, national) !== null
}

function typeOf(plan: Plan, national: string): { premium: boolean } | null {
  if (!plan.general.test(national)) return null
  return (
    plan.types.find((type) => type.lengths.includes(national.length) && type.pattern.test(national)) ?? null
  )
}
