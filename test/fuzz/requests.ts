/** Requests for one operation: from its own description, and from everything that could be wrong with them. */
import type { Operation, Parameter } from './operations.ts'
import {
  asSchema,
  forbiddenMembers,
  hostile,
  objectFor,
  pick,
  valueFor,
  type Random,
  type Seen,
} from './values.ts'

export type FuzzedRequest = {
  method: string
  /** As it goes over the wire, with its query. */
  path: string
  headers: Record<string, string>
  body: string | Buffer | null
}

/** Ids that are none, or lead nowhere. */
const lostIds = [
  '0',
  '-1',
  '9223372036854775808',
  '99999999',
  '1e3',
  '1.5',
  'x',
  '%00',
  '%ff',
  '..%2f..',
  '%F0%9F%A6%9C',
  '018f4e9a-0000-7000-8000-000000000000',
  'null',
  '1%20or%201=1',
]

export function requestFor(operation: Operation, seen: Seen, random: Random): FuzzedRequest {
  const { method } = operation
  const path = pathFor(operation, seen, random)
  const headers: Record<string, string> = {}
  if (random() < 0.05) headers['idempotency-key'] = pick(random, ['a', 'b', 'x'.repeat(255), 'x'.repeat(256)])
  if (random() < 0.03) headers['x-request-id'] = pick(random, ['a b', 'x'.repeat(500), 'fine-1'])
  if (random() < 0.03) headers['accept'] = pick(random, ['text/html', 'application/xml', '*/*;q=0', ''])
  if (method === 'GET' || method === 'HEAD') return { method, path, headers, body: null }
  return { method, path, headers, body: bodyFor(operation, { seen, random, headers }) }
}

function pathFor(operation: Operation, seen: Seen, random: Random): string {
  let path = operation.path
  const query: string[] = []
  for (const parameter of operation.parameters) {
    if (parameter.in === 'path')
      path = path.replace(`{${parameter.name}}`, () => pathValue(operation, parameter, seen, random))
    else if (parameter.in === 'query' && random() < 0.5) query.push(...queryValues(parameter, seen, random))
  }
  if (random() < 0.05) query.push(`${pick(random, ['__proto__[a]', 'x', '', 'a[b][c]', '%00', '%ff'])}=1`)
  if (random() < 0.3) path = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}

function pathValue(operation: Operation, { name, schema }: Parameter, seen: Seen, random: Random): string {
  const kind = operation.path
    .split('/')
    .find((part) => /campaign|lead|user|agent|hero|job|file|key|call/.test(part))
  const known = seen.of(`${kind ?? ''}:${name}`, random) ?? seen.of(name, random)
  if (known !== undefined && random() < 0.6) return encodeURIComponent(String(known))
  if (random() < 0.5) return pick(random, lostIds)
  return encoded(valueFor(schema, name, seen, random)) || '1'
}

function queryValues({ name, schema }: Parameter, seen: Seen, random: Random): string[] {
  const one = (): string => `${name}=${encoded(valueFor(schema, name, seen, random))}`
  return random() < 0.1 ? [one(), one()] : [one()]
}

function encoded(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return encodeURIComponent(text.slice(0, 3_000).replaceAll(/\p{Surrogate}/gu, ''))
}

type Making = { seen: Seen; random: Random; headers: Record<string, string> }

function bodyFor(operation: Operation, making: Making): string | Buffer | null {
  const { seen, random, headers } = making
  const types = [...operation.bodies.keys()]
  if (types.length === 0 && random() < 0.7) return null
  const schema = operation.bodies.get(types[0] ?? '') ?? {}
  if (random() < 0.1) return brokenBody(making)
  const members = objectFor(schema, seen, random)
  spoil(members, random)
  const chance = random()
  if (types.includes('multipart/form-data') ? chance < 0.5 : chance < 0.1)
    return multipart(members, schema, making)
  if (chance > 0.9) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    return Object.entries(members)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`)
      .join('&')
  }
  headers['content-type'] = 'application/json'
  return JSON.stringify(members)
}

/** Wrong members, members too many and too few. */
function spoil(members: Record<string, unknown>, random: Random): void {
  const names = Object.keys(members)
  if (names.length > 0 && random() < 0.3) members[pick(random, names)] = hostile(random)
  if (names.length > 0 && random() < 0.1) delete members[pick(random, names)]
  if (random() < 0.2) {
    const name = pick(random, Object.keys(forbiddenMembers))
    members[name] ??= forbiddenMembers[name]
  }
  if (random() < 0.05) members['constructor'] = { prototype: { polluted: 1 } }
}

const brokenJson = [
  '',
  'null',
  '[]',
  '"x"',
  '5',
  'NaN',
  '{"a":',
  '{"a":1,}',
  '{"a":1,"a":2}',
  '\u0000',
  '\ufeff{}',
  '{"__proto__":{"polluted":1}}',
  `{"a":1e999}`,
  `{"a":${'9'.repeat(500)}}`,
]
const types = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=a',
  'application/x-www-form-urlencoded',
  'x',
  '',
  'application/octet-stream',
]

function brokenBody({ random, headers }: Making): string | Buffer {
  headers['content-type'] = random() < 0.6 ? 'application/json' : pick(random, types)
  const chance = random()
  if (chance < 0.6) return pick(random, brokenJson)
  if (chance < 0.7) return `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  if (chance < 0.8) return Buffer.from([0x7b, 0x22, 0x61, 0xff, 0xfe, 0xc0, 0x22, 0x3a, 0x31, 0x7d])
  if (chance < 0.85) return `{"a":"${'x'.repeat(1_100_000)}"}`
  return `--a\r\nContent-Disposition: form-data; name="x\r\n\r\nhalf`
}

const files: readonly Buffer[] = [
  Buffer.from('number,name\n+12025550100,Asha\n+12025550101,Ben\n'),
  Buffer.from('\ufeffnumber;name\r\n"unbalanced\r\n'),
  Buffer.from('RIFF\u0024\u0000\u0000\u0000WAVEfmt '),
  Buffer.from('PK\u0003\u0004not really a workbook'),
  Buffer.from('GIF89a'),
  Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x00]),
  Buffer.alloc(0),
  Buffer.alloc(4_000, 0),
]

function multipart(members: Record<string, unknown>, schema: object, { random, headers }: Making): Buffer {
  headers['content-type'] = 'multipart/form-data; boundary=fuzz'
  const parts: Buffer[] = []
  const described = Object.keys(asSchema(asSchema(schema)['properties']))
  for (const [name, value] of Object.entries(members)) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    parts.push(
      Buffer.from(`--fuzz\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${text}\r\n`),
    )
  }
  const fileFields = ['file', 'send_to_number_file', 'aud_file', 'profile_image', 'bulk_file', ...described]
  for (let more = Math.floor(random() * 3); more > 0; more -= 1) {
    const filename = pick(random, [
      'people.csv',
      'a.xlsx',
      'a.wav',
      '../../etc/passwd',
      'a.png',
      '',
      'x'.repeat(300),
    ])
    parts.push(
      Buffer.from(
        `--fuzz\r\nContent-Disposition: form-data; name="${pick(random, fileFields)}"; filename="${filename}"\r\n\r\n`,
      ),
      pick(random, files),
      Buffer.from('\r\n'),
    )
  }
  parts.push(Buffer.from(random() < 0.95 ? '--fuzz--\r\n' : '--fu'))
  return Buffer.concat(parts)
}

function quoted(name: string): string {
  return name.replaceAll(/["\r\n]/g, '_')
}
