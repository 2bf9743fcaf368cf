/** What things cost, in whole credits, by country and kind. Pure. */
import { parseRegion } from '../config-values.ts'
import { coerce, isRecord } from '../http/coercion.ts'

/** `call`: each started minute of talk. `text`: each segment. `number`: each month. */
export const pricedKinds = ['call', 'text', 'number'] as const
export type PricedKind = (typeof pricedKinds)[number]

type Prices = Readonly<Record<PricedKind, number>>

/** Prices by ISO country; what a country does not say is the default's. */
export type PriceList = { default: Prices } & Readonly<Record<string, Readonly<Partial<Prices>>>>

export const usualPrices: PriceList = { default: { call: 1, text: 1, number: 50 } }

const highestPrice = 1_000_000

/** The price of one unit. `country` is an ISO code; null when nobody knows it. */
export function priceOf(list: PriceList, country: string | null, kind: PricedKind): number {
  const own = country === null || !Object.hasOwn(list, country) ? undefined : list[country]
  return own?.[kind] ?? list.default[kind]
}

/** The price of one unit in whichever country it is dearest. */
export function dearestOf(list: PriceList, kind: PricedKind): number {
  return Math.max(...Object.keys(list).map((country) => priceOf(list, country, kind)))
}

/** Reads a list as it is written in settings; undefined when it is none. */
export function readPriceList(given: unknown): PriceList | undefined {
  const value = coerce({ type: 'object' }, given)
  if (value === null) return usualPrices
  if (!isRecord(value)) return undefined
  const list: Record<string, Partial<Prices>> = {}
  for (const [name, prices] of Object.entries(value)) {
    const country = name.toLowerCase() === 'default' ? 'default' : parseRegion(name)
    const read = readPrices(prices)
    if (country === null || read === undefined) return undefined
    list[country] = read
  }
  return { ...list, default: { ...usualPrices.default, ...list['default'] } }
}

function readPrices(given: unknown): Partial<Prices> | undefined {
  if (!isRecord(given)) return undefined
  const prices: Partial<Record<PricedKind, number>> = {}
  for (const [name, price] of Object.entries(given)) {
    const kind = pricedKinds.find((known) => known === name)
    const value = coerce({ type: 'number' }, price)
    if (kind === undefined || typeof value !== 'number' || !Number.isInteger(value)) return undefined
    if (value < 0 || value > highestPrice) return undefined
    prices[kind] = value
  }
  return prices
}
