import { Type } from '@fastify/type-provider-typebox'
import { assert, constantFrom, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { coerce, coerceQuery, requireWellFormed } from './coercion.ts'

const schema = Type.Object({
  count: Type.Integer(),
  rate: Type.Number(),
  open: Type.Boolean(),
  name: Type.String(),
  word: Type.Enum(['PHONE', 'SMS']),
  kind: Type.Union([Type.Literal('text'), Type.Literal('voice')]),
  numbers: Type.Array(Type.Integer()),
  tags: Type.Object({ age: Type.Integer() }),
  zone: Type.Union([Type.String(), Type.Null()]),
  either: Type.Union([Type.Integer(), Type.String()]),
})

test('text is read as what the schema asks for', () => {
  const given = {
    count: ' 4 ',
    rate: '2.5',
    open: 'True',
    name: 9843812344,
    word: 'phone',
    kind: 'VOICE',
    numbers: '[1, "2"]',
    tags: '{"age": "25"}',
    zone: null,
    either: 7,
    unknown: '7',
  }
  expect(coerce(schema, given)).toEqual({
    count: 4,
    rate: 2.5,
    open: true,
    name: '9843812344',
    word: 'PHONE',
    kind: 'voice',
    numbers: [1, 2],
    tags: { age: 25 },
    zone: null,
    either: 7,
    unknown: '7',
  })
})

test('one value is a list of one, and what does not fit is left for the validator to name', () => {
  const given = {
    count: '4x',
    rate: '1e400',
    open: 'perhaps',
    word: 'FAX',
    numbers: '5',
    name: null,
    zone: 12,
  }
  expect(coerce(schema, given)).toEqual({ ...given, numbers: [5], zone: '12' })
  for (const text of ['', ' ', 'Infinity', 'NaN', '0x10', '1_000', '--1']) {
    expect(coerce(Type.Integer(), text)).toBe(text)
  }
})

test('coercion never throws, never changes what it was given, and a second time changes nothing', () => {
  assert(
    property(jsonValue(), constantFrom(...Object.keys(schema.properties)), (value, member) => {
      const given = { [member]: value }
      const before = JSON.stringify(given)
      const once = coerce(schema, given)
      expect(JSON.stringify(given)).toBe(before)
      expect(coerce(schema, once)).toEqual(once)
    }),
    { numRuns: 2_000 },
  )
})

function refusal(value: unknown): unknown {
  try {
    requireWellFormed(value)
    return null
  } catch (error) {
    return error instanceof Error && 'details' in error ? error.details : error
  }
}

test('nesting and unstorable text are found wherever they are, with their place', () => {
  expect(refusal({ a: [{ b: 'x\0' }] })).toEqual({ param: 'a.0.b' })
  expect(refusal({ a: 'pair 😀 is fine', b: 'half \ud83d is not' })).toEqual({ param: 'b' })
  expect(refusal({ a: 'नमस्ते' })).toBeNull()
  const deep = JSON.parse(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`)
  expect(refusal(deep)).toEqual({ param: 'a' })
})

test('a query member without a value was left out, and of a repeated one the last counts', () => {
  const query = Type.Object({
    page: Type.Optional(Type.Integer()),
    status: Type.Optional(Type.Enum(['open', 'closed'])),
    ids: Type.Optional(Type.Array(Type.Integer())),
  })
  expect(coerceQuery(query, { page: '', status: '' })).toEqual({})
  expect(coerceQuery(query, { page: ['1', '2'], status: ['open', 'CLOSED'], ids: ['1', '2'] })).toEqual({
    page: 2,
    status: 'closed',
    ids: [1, 2],
  })
  expect(coerceQuery(query, { page: ['1', ''], other: ['', 'x'] })).toEqual({ other: ['', 'x'] })
  expect(coerceQuery(undefined, { page: '' })).toEqual({ page: '' })
})
