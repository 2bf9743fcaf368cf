/** What the published description of the real carrier demands of an answer. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { ApiReply } from './test-world.ts'

interface Operation {
  query: Record<string, object>
  form?: { properties: Record<string, { type?: string; enum?: string[] }>; required?: string[] }
  statusCode: number
  answer: { properties?: Record<string, unknown> }
}
interface Description {
  operations: Record<string, Operation>
  schemas: Record<string, { properties?: Record<string, unknown> }>
}

/** Cut out of the published description of the real carrier: see carrier-schemas-generate.ts. */
export const description = JSON.parse(
  readFileSync(join(import.meta.dirname, 'carrier-schemas.json'), 'utf8'),
) as Description

const RFC_2822 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/
const ajv = addFormats.default(new Ajv({ allErrors: true, strict: false, coerceTypes: false }))
ajv.addFormat('date-time-rfc-2822', RFC_2822)
ajv.addFormat('phone-number', /^\+[1-9]\d{1,14}$/)
ajv.addFormat('currency', /^[A-Z]{3}$/)
// The description calls paths URIs.
ajv.addFormat('uri', /^(https?:\/\/|\/)\S+$/)
for (const name of [
  'iso-country-code',
  'http-method',
  'endpoint',
  'twiml',
  'uri-map',
  'phone-number-capabilities',
  'int64',
]) {
  ajv.addFormat(name, true)
}
ajv.addSchema({ $id: 'carrier', schemas: description.schemas })

export function operation(name: string): Operation {
  const found = description.operations[name]
  if (!found) throw new Error(`The description has no operation ${name}.`)
  return found
}

/** What in an answer has not the form that the description gives it. */
export function violations(name: string, answer: ApiReply): unknown[] {
  const { statusCode, answer: schema } = operation(name)
  const validate = ajv.compile(withReferences(schema))
  validate(answer.body)
  const status = answer.statusCode === statusCode ? [] : [{ statusCode: answer.statusCode }]
  return [...status, ...(validate.errors ?? [])]
}

function withReferences(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/schemas/', '"carrier#/schemas/')) as object
}

/** The members that are missing in a resource, or are there although the description knows none such. */
export function strangeMembers(schemaName: string, resource: unknown): string[] {
  const members = Object.keys(description.schemas[schemaName]?.properties ?? {})
  const present = Object.keys(resource as object)
  return [
    ...members.filter((name) => !present.includes(name)),
    ...present.filter((name) => !members.includes(name)),
  ]
}

export function first(answer: ApiReply, list: string): unknown {
  return (answer.body[list] as unknown[])[0]
}
