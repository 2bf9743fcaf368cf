/** What a run would do and cost, by looking at its recipients one after the other. Pure. */
import type { Contacts } from '../accounts/frequency-cap.ts'
import type { PriceList } from '../accounts/price-list.ts'
import { instantText } from '../http/instants.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import type { Service } from './campaign.ts'
import { renderMessage, tagsOf, valueOf, type Message } from './message.ts'
import { costOf, measure, previewParts, previewText } from './preview.ts'
import type { outlooks } from './recipient-outlook.ts'
import type { KnownRecipient } from './recipient-outlook-store.ts'
import { zoneInTags, zonesOfPerson, zoneTags } from './recipient-zone.ts'

export type EstimateTerms = {
  service: Service
  message: Message
  soundSeconds: number
  prices: PriceList
  /** Calls to one number that may be answered. */
  mostAnswered: number
  outlook: ReturnType<typeof outlooks>
  /** Of whoever is nowhere else. */
  timeZone: string
}

type Span = { least: number; most: number } | null

/** What was counted so far. */
type Seen = {
  all: number
  callable: number
  unusual: number
  /** Who name a zone that does not exist. */
  wrongZone: number
  /** Who were contacted as often as the cap allows. */
  capped: number
  leastCost: number
  mostCost: number
  isUnicode: boolean
  characters: Span
  segments: Span
  seconds: Span
  tags: Map<string, { missing: number; example: string | null }>
  setAside: Map<string, number>
  countries: Map<string | null, { numbers: number; credits: number }>
  zones: Map<string, { numbers: number; zones: readonly string[] }>
}

/** Counts recipients. `add` takes each once; `result` multiplies counts by `scale`, when only a part was looked at. */
export function createEstimate(terms: EstimateTerms) {
  const seen: Seen = {
    all: 0,
    callable: 0,
    unusual: 0,
    wrongZone: 0,
    capped: 0,
    leastCost: 0,
    mostCost: 0,
    isUnicode: false,
    characters: null,
    segments: null,
    seconds: null,
    tags: new Map(tagsOf(terms.message).map((tag) => [tag, { missing: 0, example: null }])),
    setAside: new Map(),
    countries: new Map(),
    zones: new Map(),
  }
  return {
    add(one: KnownRecipient, contacts: Contacts): void {
      seen.all += 1
      if (one.grade === 'unusual') seen.unusual += 1
      if (namesZone(one) && zoneInTags(one.tags) === null) seen.wrongZone += 1
      const rendered = renderMessage(terms.message, one.tags)
      const missing = rendered.ok ? [] : rendered.missing
      for (const [tag, known] of seen.tags) {
        known.example ??= valueOf(one.tags, tag)
        if (missing.includes(tag)) known.missing += 1
      }
      const zones = zonesOfPerson(one, terms.timeZone)
      const verdict = terms.outlook.of({ ...one, missing, zones, contacts })
      if (!verdict.ok && verdict.reason === 'frequency_cap') seen.capped += 1
      if (verdict.ok || verdict.due !== null) addCallable(seen, terms, { one, zones })
      else seen.setAside.set(verdict.reason, (seen.setAside.get(verdict.reason) ?? 0) + 1)
    },
    result: (scale: number) => resultOf(seen, terms, (count) => Math.round(count * scale)),
  }
}

function addCallable(
  seen: Seen,
  terms: EstimateTerms,
  { one, zones }: { one: KnownRecipient; zones: readonly string[] },
): void {
  const { service, message, soundSeconds, prices, mostAnswered } = terms
  seen.callable += 1
  const key = zones.join()
  seen.zones.set(key, { numbers: (seen.zones.get(key)?.numbers ?? 0) + 1, zones })
  const size = measure(previewText(previewParts(message, one.tags)), service, soundSeconds)
  seen.isUnicode ||= size.encoding === 'UCS-2'
  seen.characters = widened(seen.characters, size.characters)
  seen.segments = widened(seen.segments, size.segments)
  if (size.seconds !== null) seen.seconds = widened(seen.seconds, size.seconds)
  const country = one.e164 === null ? null : countryOf(one.e164)
  const cost = costOf(size, { service, country }, prices)
  seen.mostCost += cost * mostAnswered
  if (service === 'SMS') seen.leastCost += cost
  const place = seen.countries.get(country) ?? { numbers: 0, credits: 0 }
  seen.countries.set(country, { numbers: place.numbers + 1, credits: place.credits + cost * mostAnswered })
}

/** The most zones that are told one by one. */
const shownZones = 100

function resultOf(seen: Seen, { outlook }: EstimateTerms, scaled: (count: number) => number) {
  const windows = [...seen.zones.values()]
    .sort((a, b) => b.numbers - a.numbers)
    .map((zone) => ({ ...zone, window: outlook.windowIn(zone.zones) }))
  const open = windows.reduce((sum, zone) => sum + (zone.window.open ? zone.numbers : 0), 0)
  const { characters, segments, seconds } = seen
  const encoding = seen.isUnicode ? ('UCS-2' as const) : ('GSM-7' as const)
  const countries = [...seen.countries].sort(([, a], [, b]) => b.numbers - a.numbers)
  return {
    numbers: {
      selected: scaled(seen.all),
      callable: scaled(seen.callable),
      unusual: scaled(seen.unusual),
      set_aside: [...seen.setAside].map(([reason, count]) => ({ reason, count: scaled(count) })),
    },
    wrongZones: scaled(seen.wrongZone),
    tags: [...seen.tags].map(([tag, { missing, example }]) => ({ tag, missing: scaled(missing), example })),
    message: { encoding, characters, segments, seconds },
    cost: {
      least: scaled(seen.leastCost),
      most: scaled(seen.mostCost),
      countries: countries.map(([country, { numbers, credits }]) => ({
        country,
        numbers: scaled(numbers),
        credits: scaled(credits),
      })),
    },
    when: {
      open_now: scaled(open - seen.capped),
      opens_later: scaled(seen.callable - open),
      capped: scaled(seen.capped),
      zones: windows.slice(0, shownZones).map(({ numbers, zones, window }) => ({
        zone: zones.join(', '),
        numbers: scaled(numbers),
        open: window.open,
        opens_at: window.open || window.opensAt === null ? null : instantText(window.opensAt),
      })),
    },
  }
}

function widened(span: Span, value: number): Span {
  return span === null
    ? { least: value, most: value }
    : { least: Math.min(span.least, value), most: Math.max(span.most, value) }
}

function namesZone({ tags }: KnownRecipient): boolean {
  return zoneTags.some((tag) => valueOf(tags, tag) !== null)
}
