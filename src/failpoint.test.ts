import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { armFailpoints, failpoint, failpointNames, parseFailpoints } from './failpoint.ts'

afterEach(() => armFailpoints(null))

test('nothing fails unless it is armed, and then only at the visit that was named', () => {
  for (const name of failpointNames) failpoint(name)
  armFailpoints(parseFailpoints('claim.committed@3=throw, batch.saved=throw'))
  failpoint('claim.committed')
  failpoint('claim.committed')
  expect(() => failpoint('claim.committed')).toThrow('failpoint claim.committed')
  failpoint('claim.committed')
  expect(() => failpoint('batch.saved')).toThrow('failpoint batch.saved')
  failpoint('batch.locked')
})

test('what is no list of places and actions is not taken for one', () => {
  for (const text of [
    'nowhere=kill',
    'claim.committed',
    'claim.committed=explode',
    'claim.committed@x=kill',
    '',
  ])
    expect(parseFailpoints(text)).toBeNull()
})

test('every failpoint stands in the source exactly once', () => {
  const source = import.meta.dirname
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(source, path), 'utf8'))
    .join('\n')
  const found = [...text.matchAll(/\bfailpoint\('([^']+)'\)/g)].map((match) => match[1])
  expect(found.sort()).toEqual([...failpointNames].sort())
})
