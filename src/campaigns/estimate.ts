/** What a run would do and cost, by looking at its recipients one after the other. Pure. */
import type { PriceList } from '../accounts/price-list.ts'
import { instantText } from '../http/instants.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import type { Service } from './campaign.ts'
import { renderMessage, tagsOf, valueOf, type Message } from './message.ts'
import { costOf, measure, previewParts, previewText, type Measure } from './preview.ts'
import type { outlooks } from './recipient-outlook.ts'
import type { KnownRecipient } from './recipient-outlook-store.ts'
import { zoneInTags, zoneTags } from './recipient-zone.ts'

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

/** Counts recipients. `add` takes each once; `result` multiplies counts by `scale`, when only a part was looked at. */
export function createEstimate(terms: EstimateTerms) {
  const { service, message, soundSeconds, prices, outlook } = terms
  const tags = new Map(tagsOf(message).map((tag) => [tag, { missing: 0, example: null as string | null }]))
  const setAside = new Map<string, number>()
  const countries = new Map<string, { numbers: number; credits: number }>()
  const zones = new Map<string, { numbers: number; zones: readonly string[] }>()
  const seen = { all: 0, callable: 0, unusual: 0, wrongZone: 0, least: 0, most: 0, isUnicode: false }
  const sizes: Record<'characters' | 'segments' | 'seconds', Span> = {
    characters: null,
    segments: null,
    seconds: null,
  }
  const zonesOfRecipient = (one: KnownRecipient): readonly string[] =>
    (zoneInTags(one.tags) ?? one.leadZone ?? one.timeZone ?? terms.timeZone).split(',')

  const note = (size: Measure): void => {
    seen.isUnicode ||= size.encoding === 'UCS-2'
    sizes.characters = widened(sizes.characters, size.characters)
    sizes.segments = widened(sizes.segments, size.segments)
    if (size.seconds !== null) sizes.seconds = widened(sizes.seconds, size.seconds)
  }

  return {
    add(one: KnownRecipient): void {
      seen.all += 1
      if (one.grade === 'unusual') seen.unusual += 1
      if (namesZone(one) && zoneInTags(one.tags) === null) seen.wrongZone += 1
      const rendered = renderMessage(message, one.tags)
      const missing = rendered.ok ? [] : rendered.missing
      for (const [tag, known] of tags) known.example ??= valueOf(one.tags, tag)
      for (const tag of missing) bump(tags, tag)
      const where = zonesOfRecipient(one)
      const verdict = outlook.of({ ...one, missing, zones: where })
      if (!verdict.ok && verdict.due === null) {
        setAside.set(verdict.reason, (setAside.get(verdict.reason) ?? 0) + 1)
        return
      }
      seen.callable += 1
      const zone = zones.get(where.join()) ?? { numbers: 0, zones: where }
      zones.set(where.join(), { ...zone, numbers: zone.numbers + 1 })
      const size = measure(previewText(previewParts(message, one.tags)), service, soundSeconds)
      note(size)
      const country = one.e164 === null ? null : countryOf(one.e164)
      const cost = costOf(size, { service, country }, prices)
      seen.most += cost * terms.mostAnswered
      if (service === 'SMS') seen.least += cost
      const place = countries.get(country ?? '') ?? { numbers: 0, credits: 0 }
      countries.set(country ?? '', {
        numbers: place.numbers + 1,
        credits: place.credits + cost * terms.mostAnswered,
      })
    },
    result(scale: number) {
      const scaled = (count: number): number => Math.round(count * scale)
      const windows = [...zones.values()]
        .sort((a, b) => b.numbers - a.numbers)
        .map((zone) => ({ ...zone, window: outlook.windowIn(zone.zones) }))
      const open = windows.reduce((sum, zone) => sum + (zone.window.open ? zone.numbers : 0), 0)
      return {
        numbers: {
          selected: scaled(seen.all),
          callable: scaled(seen.callable),
          unusual: scaled(seen.unusual),
          set_aside: [...setAside].map(([reason, count]) => ({ reason, count: scaled(count) })),
        },
        wrongZones: scaled(seen.wrongZone),
        tags: [...tags].map(([tag, { missing, example }]) => ({ tag, missing: scaled(missing), example })),
        message: { encoding: seen.isUnicode ? ('UCS-2' as const) : ('GSM-7' as const), ...sizes },
        cost: {
          least: scaled(seen.least),
          most: scaled(seen.most),
          countries: [...countries]
            .sort(([, a], [, b]) => b.numbers - a.numbers)
            .map(([country, { numbers, credits }]) => ({
              country: country === '' ? null : country,
              numbers: scaled(numbers),
              credits: scaled(credits),
            })),
        },
        when: {
          open_now: scaled(open),
          opens_later: scaled(seen.callable - open),
          zones: windows.slice(0, 100).map(({ numbers, zones: names, window }) => ({
            zone: names.join(', '),
            numbers: scaled(numbers),
            open: window.open,
            opens_at: window.open || window.opensAt === null ? null : instantText(window.opensAt),
          })),
        },
      }
    },
  }
}

function widened(span: Span, value: number): Span {
  return span === null
    ? { least: value, most: value }
    : { least: Math.min(span.least, value), most: Math.max(span.most, value) }
}

function bump(tags: Map<string, { missing: number }>, tag: string): void {
  const known = tags.get(tag)
  if (known !== undefined) known.missing += 1
}

function namesZone({ tags }: KnownRecipient): boolean {
  return zoneTags.some((tag) => valueOf(tags, tag) !== null)
}
