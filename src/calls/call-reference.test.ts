import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createReferences } from './call-reference.ts'

const secret = 'a-secret-key-that-only-tests-have-000'
const references = createReferences(secret)
const name = { workspaceId: 42, callId: '0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000' }

test('a reference names its call again, and only under the secret it was made with', () => {
  for (const workspaceId of [1, 42, 2 ** 40]) {
    const one = { workspaceId, callId: randomUUID() }
    expect(references.decode(references.encode(one))).toEqual(one)
  }
  expect(createReferences(`${secret}1`).decode(references.encode(name))).toBeNull()
})

test('a reference with any bit changed names nothing', () => {
  const bytes = Buffer.from(references.encode(name), 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    expect(references.decode(changed.toString('base64url'))).toBeNull()
  }
})

test('what is no reference names nothing', () => {
  const good = references.encode(name)
  const bad = [
    '',
    'x',
    `${good}=`,
    `${good} `,
    good.slice(1),
    `${good}AA`,
    good.toUpperCase(),
    '../../etc/passwd',
  ]
  for (const text of [...bad, ...Array.from({ length: 200 }, () => randomBytes(34).toString('base64url'))])
    expect(references.decode(text)).toBeNull()
})

test('a reference fits into a path as it is', () => {
  expect(references.encode(name)).toMatch(/^[\w-]{40,60}$/)
})
