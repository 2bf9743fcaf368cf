/** A page that is opened by its address, or loaded again, comes from the server: it has to know each of them. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from '../src/http/console-files.ts'

test('every page of the console can be opened by its address', () => {
  const router = readFileSync(resolve(import.meta.dirname, '../web/src/app/router.tsx'), 'utf8')
  const routed = [...router.matchAll(/path: '([^']+)'/g)].map(([, path = '']) => path)
  expect(routed.length).toBeGreaterThan(10)
  expect(routed.filter((path) => !isServed(path))).toEqual([])
})

function isServed(path: string): boolean {
  return pages.some((page) => new RegExp(`^${page.replaceAll(/:[a-z]+/gi, '[^/]+')}$`).test(path))
}
