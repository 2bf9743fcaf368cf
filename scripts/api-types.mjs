// Writes the types of the console's API client from the server's own description.
//   node scripts/api-types.mjs http://127.0.0.1:8000/openapi.json
//   node scripts/api-types.mjs openapi.json [output]
import { readFile, writeFile } from 'node:fs/promises'
import openapiTypes, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'

const [source, output = 'web/src/lib/api-types.ts'] = process.argv.slice(2)
if (source === undefined) {
  console.error('Say where the description is: node scripts/api-types.mjs <URL or file> [output]')
  process.exit(2)
}

const description = JSON.parse(await read(source))
const types = astToString(await openapiTypes(description, { alphabetize: true, defaultNonNullable: false }))
const head = `// Made by scripts/api-types.mjs from /openapi.json. Not written by hand.\n\n`
const options = await resolveConfig(output)
await writeFile(output, await format(head + types, { ...options, parser: 'typescript' }))

async function read(place) {
  if (!/^https?:/.test(place)) return readFile(place, 'utf8')
  const answer = await fetch(place, { signal: AbortSignal.timeout(10_000) })
  if (!answer.ok) throw new Error(`${place} answered ${answer.status}`)
  return answer.text()
}
