import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorCodes } from './error-codes.ts'

/** Codes that only a command or a start prints. */
const outsideTheApi = /^src\/(cli|db|demo-mark)/

test('every code that the API answers with is in the table, with a title and a sentence', () => {
  const missing: string[] = []
  for (const path of sourceFiles()) {
    const text = readFileSync(path, 'utf8')
    for (const [, code = ''] of text.matchAll(/new AppError\(\s*'\w+',\s*'(\w+)'/g)) {
      if (!errorCodes.has(code)) missing.push(`${code} (${path})`)
    }
  }
  expect(missing).toEqual([])
  for (const [code, { title, sentence }] of errorCodes) {
    expect([code, title.length > 3, /^[A-Z\w].*\.$/.test(sentence)]).toEqual([code, true, true])
  }
})

test('the table is in the order of the alphabet and names no code twice', () => {
  const codes = [...errorCodes.keys()]
  expect(codes).toEqual([...codes].sort())
})

function sourceFiles(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((name) => join('src', name))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !outsideTheApi.test(path))
}
