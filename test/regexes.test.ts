/**
 * Every regular expression of the product, against a checker that makes up texts to keep it busy. None may take more
 * than time in proportion to the text: what people and programs send has a limit, but a mebibyte squared has none.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from 'recheck'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const sources = ['src', 'web/src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|fixture)\.tsx?$/.test(name))
    .map((name) => join(folder, name)),
)

type Found = { place: string; source: string; flags: string }

/** Literals, and texts that are made into one by `new RegExp` or as the pattern of a schema. */
function regexesOf(place: string): Found[] {
  const file = ts.createSourceFile(place, readFileSync(join(root, place), 'utf8'), ts.ScriptTarget.Latest)
  const found: Found[] = []
  const note = (node: ts.Node | undefined): void => {
    if (node !== undefined && ts.isStringLiteralLike(node))
      found.push({ place, source: node.text, flags: '' })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ place, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    if (ts.isNewExpression(node) && node.expression.getText(file) === 'RegExp') note(node.arguments?.[0])
    if (ts.isPropertyAssignment(node) && node.name.getText(file) === 'pattern') note(node.initializer)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const perRegexMs = 30_000

/** What is wrong with it; null when nothing is. */
async function problemOf({ place, source, flags }: Found): Promise<string | null> {
  const told = await check(source, flags, { timeout: perRegexMs })
  if (told.status === 'safe') return null
  const why =
    told.status === 'vulnerable'
      ? `${told.complexity.summary}, for example ${told.attack.pattern}`
      : `could not be judged: ${told.error.kind}`
  return `${place}: /${source}/${flags}: ${why}`
}

test('no regular expression takes longer than in proportion to its text', async () => {
  // In this process: the checker's programs for each platform are not everywhere.
  process.env['RECHECK_BACKEND'] = 'pure'
  const known = { place: 'known to be bad', source: '^(a|a)*$', flags: '' }
  expect(await problemOf(known)).toMatch(/exponential/)
  const all = new Map(sources.flatMap(regexesOf).map((one) => [`${one.source}/${one.flags}`, one]))
  expect(all.size).toBeGreaterThan(120)
  const problems: string[] = []
  for (const one of all.values()) {
    const problem = await problemOf(one)
    if (problem !== null) problems.push(problem)
  }
  expect(problems).toEqual([])
}, 600_000)
