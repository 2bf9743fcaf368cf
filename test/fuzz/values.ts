/** Values for a schema: some that fit it, and some that nobody should send. */
import { entries, list, member, type Schema } from './operations.ts'

export type Random = () => number

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** Ids, words and numbers that were seen in answers, by the name of their member: a path then leads somewhere. */
export class Seen {
  readonly #byName = new Map<string, unknown[]>()

  /** Remembers the scalars of an answer, at most 60 a name, newer ones in the place of older ones. */
  learn(answer: unknown, depth = 0): void {
    if (depth > 6) return
    if (Array.isArray(answer)) for (const item of answer.slice(0, 5)) this.learn(item, depth + 1)
    else
      for (const [name, value] of entries(answer)) {
        if (typeof value === 'object') this.learn(value, depth + 1)
        else if (typeof value === 'number' || (typeof value === 'string' && value.length < 80))
          this.#add(name, value)
      }
  }

  of(name: string, random: Random): unknown {
    const known = this.#byName.get(name) ?? this.#byName.get(name.replace(/^.*_/, '')) ?? []
    return known.length === 0 ? undefined : pick(random, known)
  }

  #add(name: string, value: unknown): void {
    const known = this.#byName.get(name) ?? []
    if (known.includes(value)) return
    known.push(value)
    if (known.length > 60) known.shift()
    this.#byName.set(name, known)
  }
}

const texts = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'true',
  'a',
  'Asha Rai',
  'someone@example.test',
  '+12025550100',
  '+977 984-1234567',
  '２０２５５５０１００',
  'en-US',
  'Asia/Kathmandu',
  '2026-12-01T10:00:00Z',
  '2026-12-01',
  '2026-12-01T10:00',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999+14:00',
  '275760-09-13T00:00:00Z',
  '018f4e9a-0000-7000-8000-000000000000',
  'https://127.0.0.1/a.mp3',
  'file:///etc/passwd',
  '../../../../etc/passwd',
  "' or 1=1; drop table users; --",
  '%',
  '_',
  '\\',
  '{otp}',
  '{name}{__proto__}{{}}',
  '<script>alert(1)</script>',
  '\r\nSet-Cookie: a=b',
  'a\u0000b',
  '\ud800',
  '\u202e🦜',
  '🦜'.repeat(400),
  'x'.repeat(260),
  '9'.repeat(400),
  '1e400',
  '9223372036854775808',
  '٣',
  '[',
  '{"a":',
  '[[[[]]]]',
  '__proto__',
  'constructor',
  'tk_x',
]
const hugeText = 'x'.repeat(100_000)
const others: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  -0,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  -(2 ** 63),
  1e308,
  -1e308,
  5e-324,
  [],
  {},
  [null],
  [[]],
  [1, 'a', {}],
  { id: 1 },
  { length: 5 },
  { toString: 1, valueOf: null },
  { constructor: { prototype: { polluted: 1 } } },
]

/** A value that may fit nothing. */
export function hostile(random: Random): unknown {
  const chance = random()
  if (chance < 0.01) return hugeText
  if (chance < 0.02) return Array.from({ length: 2_000 }, () => pick(random, texts))
  if (chance < 0.03) return nested(random, Math.floor(random() * 200))
  return chance < 0.6 ? pick(random, texts) : pick(random, others)
}

function nested(random: Random, depth: number): unknown {
  let value: unknown = pick(random, texts)
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** A value that fits the schema, or, one time in ten, one that may not. `name` is the member it is for. */
export function valueFor(schema: Schema, name: string, seen: Seen, random: Random): unknown {
  if (random() < 0.1) return hostile(random)
  const known = random() < 0.5 ? seen.of(name, random) : undefined
  if (known !== undefined) return known
  const alternatives = list(schema['anyOf'] ?? schema['oneOf'])
  if (alternatives.length > 0) return valueFor(asSchema(pick(random, alternatives)), name, seen, random)
  if ('const' in schema) return schema['const']
  const words = list(schema['enum'])
  if (words.length > 0) return pick(random, words)
  switch (schema['type']) {
    case 'integer':
      return Math.floor(numberWithin(schema, random))
    case 'number':
      return numberWithin(schema, random)
    case 'boolean':
      return random() < 0.5
    case 'null':
      return null
    case 'array':
      return Array.from({ length: Math.floor(random() * 4) }, () =>
        valueFor(asSchema(schema['items']), name, seen, random),
      )
    case 'object':
      return objectFor(schema, seen, random)
    case 'string':
      return textFor(schema, name, random)
    default:
      return random() < 0.5 ? textFor(schema, name, random) : hostile(random)
  }
}

/** An object with the members of the schema: those that are required, and half of the others. */
export function objectFor(schema: Schema, seen: Seen, random: Random): Record<string, unknown> {
  const required = list(schema['required'])
  const members = entries(schema['properties']).filter(([name]) => required.includes(name) || random() < 0.5)
  return Object.fromEntries(members.map(([name, of]) => [name, valueFor(asSchema(of), name, seen, random)]))
}

function numberWithin(schema: Schema, random: Random): number {
  const least = Number(schema['minimum'] ?? -5)
  const most = Number(schema['maximum'] ?? least + 1_000)
  const edge = random()
  if (edge < 0.1) return least
  if (edge < 0.2) return most
  return least + random() * Math.min(most - least, 50)
}

/** Texts that members of these names are likely to accept, so that some requests get all the way through. */
const likely: readonly [RegExp, readonly string[]][] = [
  [/mail/, ['a@example.test', 'b@example.test', 'admin@example.test']],
  [/number|phone|^to$|^from$/, ['+12025550100', '+12025550199', '+9779841234567', '98412']],
  [/zone/, ['UTC', 'Asia/Kathmandu', 'America/New_York', 'Mars/Base']],
  [/date|time|_at$|until|start|^after|^before/, ['2030-01-02T10:00:00Z', '2030-01-02T10:15', '2020-01-01']],
  [/password/, ['a-password-for-faults', 'short']],
  [/url|image|audio|file/, ['https://example.invalid/a.wav', 'http://localhost/', 'ftp://x']],
  [/language|locale/, ['en', 'ne', 'en-US']],
  [/country|region/, ['US', 'NP', 'ZZ']],
]

function textFor(schema: Schema, name: string, random: Random): string {
  if (schema['format'] === 'uuid') return '018f4e9a-0000-7000-8000-000000000000'
  const words = likely.find(([rule]) => rule.test(name))?.[1]
  if (words !== undefined && random() < 0.7) return pick(random, words)
  const most = Number(schema['maxLength'] ?? 60)
  if (random() < 0.05) return 'y'.repeat(Math.min(most, 20_000))
  return random() < 0.3 ? String(pick(random, texts)) : `word ${Math.floor(random() * 1_000)}`.slice(0, most)
}

export function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Members that a client must not be able to write, wherever it sends them. */
export const forbiddenMembers: Readonly<Record<string, unknown>> = {
  id: 987_654_321,
  workspace_id: 987_654_321,
  workspaceId: 987_654_321,
  workspace: 'second',
  user_id: '018f4e9a-0000-7000-8000-000000000000',
  created_by: '018f4e9a-0000-7000-8000-000000000000',
  is_owner: true,
  is_staff: true,
  is_superuser: true,
  scopes: ['read', 'write', 'admin'],
  token_version: 99,
  password_hash: 'x',
  created: '2001-01-01T00:00:00Z',
  created_at: '2001-01-01T00:00:00Z',
  updated_at: '2001-01-01T00:00:00Z',
  carrier_call_id: 'CA00000000000000000000000000000000',
  credit: 1e9,
  verified: true,
}

export { member }
