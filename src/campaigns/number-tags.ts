/** Tags as requests give them. Pure. */
import { AppError } from '../errors.ts'
import { tagKey } from './message.ts'
import type { Tags } from './number-store.ts'

/**
 * Reads `available_tags`: plain values under tags that the campaign has; null takes a value away. Throws AppError
 * invalid that lists every tag that is not in `usableTags`.
 */
export function readTags(given: Readonly<Record<string, unknown>>, usableTags: readonly string[]): Tags {
  const usable = new Map(usableTags.map((tag) => [tagKey(tag), tag]))
  const entries = Object.entries(given)
  const unknown = entries.map(([name]) => name).filter((name) => !usable.has(tagKey(name)))
  if (unknown.length > 0) {
    const listed = unknown
      .slice(0, 20)
      .map((name) => name.slice(0, 60))
      .join(', ')
    const known = usableTags.length === 0 ? 'it has none' : `it has ${usableTags.slice(0, 50).join(', ')}`
    throw invalid('unknown_tags', `available_tags are not usable_tags of the campaign: ${listed}; ${known}.`)
  }
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string | number | boolean][] => {
      if (value === null || value === '') return []
      if (typeof value === 'number' || typeof value === 'boolean')
        return [[usable.get(tagKey(name)) ?? name, value]]
      if (typeof value === 'string') return [[usable.get(tagKey(name)) ?? name, value]]
      throw invalid(
        'invalid_field',
        `available_tags.${name.slice(0, 60)} must be text, a number, or true or false.`,
      )
    }),
  )
}

function invalid(code: string, sentence: string): AppError {
  return new AppError('invalid', code, sentence, { param: 'available_tags' })
}
