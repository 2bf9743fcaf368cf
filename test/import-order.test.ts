/** The house has one direction: a folder imports only from itself and from those on its left. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const order = `errors failpoint clock random config log db http events jobs carriers accounts credits
   numbers leads speech calls messages otp call-plans campaigns call-requests dialer
   webhooks-out app demo-mark main cli`.split(/\s+/)
const source = resolve(import.meta.dirname, '../src')

type Import = { from: string; to: string; place: string }

function importsOf(folder: string, root = folder): Import[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return importsOf(path, root)
    if (!/\.tsx?$/.test(entry.name) || /\.(test|fixture)\.tsx?$/.test(entry.name)) return []
    const text = readFileSync(path, 'utf8')
    return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
      from: path,
      to: resolve(path, '..', match[1] ?? ''),
      place: `${relative(root, path)} imports ${match[1] ?? ''}`,
    }))
  })
}

/** `src/db/sql.ts` is in db, `src/config-values.ts` belongs to config. */
function rank(path: string): number {
  const [first = ''] = relative(source, path).split('/')
  const name = first.replace(/\.ts$/, '')
  const exact = order.indexOf(name)
  return exact >= 0 ? exact : order.findIndex((known) => name.startsWith(`${known}-`))
}

test('every file of src belongs to a place in the order', () => {
  const homeless = importsOf(source).filter((one) => rank(one.from) < 0)
  expect(homeless.map((one) => one.place)).toEqual([])
})

test('nothing in src imports from its right', () => {
  const wrong = importsOf(source).filter((one) => one.to.startsWith(source) && rank(one.to) > rank(one.from))
  expect(wrong.map((one) => one.place)).toEqual([])
})

test('only main.ts and the commands reach into the simulated carrier, and it reaches into nothing of ours', () => {
  const simulator = resolve(source, '../simulator')
  const reaching = importsOf(source).filter((one) => one.to.startsWith(simulator))
  expect([...new Set(reaching.map((one) => relative(source, one.from)))].sort()).toEqual([
    'cli/carrier.ts',
    'main-adapters.ts',
    'main.ts',
  ])
  const out = importsOf(simulator).filter((one) => !one.to.startsWith(simulator))
  expect(out.map((one) => one.place)).toEqual([])
})

test('the features of the console do not import each other', () => {
  const features = resolve(source, '../web/src/features')
  const wrong = importsOf(features).filter((one) => {
    const [own] = relative(features, one.from).split('/')
    const [other] = relative(features, one.to).split('/')
    return one.to.startsWith(features) && own !== other
  })
  expect(wrong.map((one) => one.place)).toEqual([])
})
