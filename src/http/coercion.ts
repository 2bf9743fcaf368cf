import { AppError } from '../errors.ts'

/**
 * Generous reading of input, by its schema: numbers and booleans that come as text, enum words in any letter case,
 * lists that come as one value or as JSON text. What does not fit is left as it is, for the validator to name.
 * Pure; never changes its argument.
 */
export function coerce(schema: unknown, value: unknown): unknown {
  if (!isRecord(schema) || value === undefined) return value
  const alternatives = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(alternatives)) return coerceToOne(alternatives, value)
  if (Array.isArray(schema['enum'])) return sameWord(schema['enum'], value)
  if ('const' in schema) return sameWord([schema['const']], value)
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return toNumber(value)
    case 'boolean':
      return toBoolean(value)
    case 'string':
      return typeof value === 'number' && Number.isFinite(value) ? String(value) : value
    case 'array':
      return toList(schema['items'], value)
    case 'object':
      return toObject(schema, value)
    default:
      return value
  }
}

/**
 * The query of an address, read in the same way. A member without a value (`?page=`) is one that was left out, and of one
 * that is repeated the last counts, unless it is a list.
 */
export function coerceQuery(schema: unknown, query: unknown): unknown {
  if (!isRecord(schema) || !isRecord(schema['properties']) || !isRecord(query)) return coerce(schema, query)
  const known = schema['properties']
  const members = Object.entries(query).flatMap(([name, given]) => {
    const property = Object.hasOwn(known, name) ? known[name] : null
    if (!isRecord(property) || property['type'] === 'array') return [[name, given]]
    const value: unknown = Array.isArray(given) ? given.at(-1) : given
    return value === '' ? [] : [[name, value]]
  })
  return coerce(schema, Object.fromEntries(members))
}

/** The first alternative that the value fits already, or after coercion. */
function coerceToOne(alternatives: readonly unknown[], value: unknown): unknown {
  if (alternatives.some((alternative) => fits(alternative, value))) {
    const fitting = alternatives.find((alternative) => fits(alternative, value))
    return coerce(fitting, value)
  }
  for (const alternative of alternatives) {
    const coerced = coerce(alternative, value)
    if (fits(alternative, coerced)) return coerced
  }
  return value
}

/** Whether the value has the type that the schema names at its top. */
function fits(schema: unknown, value: unknown): boolean {
  if (!isRecord(schema)) return false
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value)
  if ('const' in schema) return schema['const'] === value
  switch (schema['type']) {
    case 'integer':
      return Number.isInteger(value)
    case 'number':
    case 'boolean':
    case 'string':
      return typeof value === schema['type']
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    default:
      return schema['type'] === undefined
  }
}

function sameWord(words: readonly unknown[], value: unknown): unknown {
  if (typeof value !== 'string' || words.includes(value)) return value
  const wanted = value.trim().toLowerCase()
  return words.find((word) => typeof word === 'string' && word.toLowerCase() === wanted) ?? value
}

const decimal = /^[+-]?\d{1,30}(\.\d{1,20})?$/

function toNumber(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const text = value.trim()
  return decimal.test(text) ? Number(text) : value
}

function toBoolean(value: unknown): unknown {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (word === 'true' || word === '1' || word === 'yes' || word === 'on' || word === 1) return true
  if (word === 'false' || word === '0' || word === 'no' || word === 'off' || word === 0) return false
  return value
}

function toList(items: unknown, value: unknown): unknown {
  const list = fromJsonText(value, '[')
  if (Array.isArray(list)) return list.map((item) => coerce(items, item))
  return list === null || list === undefined ? list : [coerce(items, list)]
}

function toObject(schema: Record<string, unknown>, given: unknown): unknown {
  const value = fromJsonText(given, '{')
  if (!isRecord(value)) return value
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const result: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') continue
    result[name] = coerce(Object.hasOwn(properties, name) ? properties[name] : undefined, member)
  }
  return result
}

/** A form field or a part of a multipart body may carry a list or an object as JSON text. */
function fromJsonText(value: unknown, opening: '[' | '{'): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith(opening)) return value
  try {
    const parsed: unknown = JSON.parse(value)
    requireWellFormed(parsed)
    return parsed
  } catch (error) {
    if (error instanceof AppError) throw error
    return value
  }
}

const deepestNesting = 32
// PostgreSQL stores neither: a NUL ends a text, half of a surrogate pair is no character.
const unstorable = /[\0\p{Surrogate}]/u

/**
 * Refuses what no later step could carry: text that cannot be stored, and nesting beyond 32 levels.
 * Walks without recursion, so the depth of the input cannot exhaust the stack.
 */
export function requireWellFormed(input: unknown): void {
  const open: { place: string; value: unknown; depth: number }[] = [{ place: '', value: input, depth: 0 }]
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { place, value, depth } = entry
    if (typeof value === 'string' && unstorable.test(value)) throw unstorableText(place)
    if (typeof value !== 'object' || value === null) continue
    if (depth >= deepestNesting) throw tooDeep(place)
    for (const [name, member] of Object.entries(value)) {
      if (unstorable.test(name)) throw unstorableText(place)
      open.push({ place: place === '' ? name : `${place}.${name}`, value: member, depth: depth + 1 })
    }
  }
}

function unstorableText(place: string): AppError {
  const name = place === '' ? 'The body' : place
  return new AppError(
    'invalid',
    'unstorable_text',
    `${name} holds a NUL character or half of a surrogate pair, which cannot be stored. Remove it.`,
    { param: place },
  )
}

function tooDeep(place: string): AppError {
  const [param = ''] = place.split('.')
  return new AppError(
    'invalid',
    'nested_too_deeply',
    `${param} is nested deeper than ${deepestNesting} levels.`,
    { param },
  )
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
