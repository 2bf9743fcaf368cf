/**
 * Cuts out of the carrier's OpenAPI description what the simulated carrier serves, and writes it beside this
 * file: `tsx simulator/carrier-schemas-generate.ts DESCRIPTION.json LICENSE`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Json = Record<string, unknown>

const ACCOUNTS = '/2010-04-01/Accounts'
const AVAILABLE = `${ACCOUNTS}/{AccountSid}/AvailablePhoneNumbers`
const CONFERENCES = `${ACCOUNTS}/{AccountSid}/Conferences`
const INCOMING = `${ACCOUNTS}/{AccountSid}/IncomingPhoneNumbers`

/** The operations that are served: path and method in the description, and our name for them. */
const SERVED = [
  ['createCall', `${ACCOUNTS}/{AccountSid}/Calls.json`, 'post'],
  ['listCall', `${ACCOUNTS}/{AccountSid}/Calls.json`, 'get'],
  ['fetchCall', `${ACCOUNTS}/{AccountSid}/Calls/{Sid}.json`, 'get'],
  ['updateCall', `${ACCOUNTS}/{AccountSid}/Calls/{Sid}.json`, 'post'],
  ['createMessage', `${ACCOUNTS}/{AccountSid}/Messages.json`, 'post'],
  ['listMessage', `${ACCOUNTS}/{AccountSid}/Messages.json`, 'get'],
  ['fetchMessage', `${ACCOUNTS}/{AccountSid}/Messages/{Sid}.json`, 'get'],
  ['listConference', `${CONFERENCES}.json`, 'get'],
  ['fetchConference', `${CONFERENCES}/{Sid}.json`, 'get'],
  ['listParticipant', `${CONFERENCES}/{ConferenceSid}/Participants.json`, 'get'],
  ['fetchAccount', `${ACCOUNTS}/{Sid}.json`, 'get'],
  ['listAvailablePhoneNumberCountry', `${AVAILABLE}.json`, 'get'],
  ['listAvailablePhoneNumberLocal', `${AVAILABLE}/{CountryCode}/Local.json`, 'get'],
  ['listAvailablePhoneNumberMobile', `${AVAILABLE}/{CountryCode}/Mobile.json`, 'get'],
  ['listAvailablePhoneNumberTollFree', `${AVAILABLE}/{CountryCode}/TollFree.json`, 'get'],
  ['listIncomingPhoneNumber', `${INCOMING}.json`, 'get'],
  ['createIncomingPhoneNumber', `${INCOMING}.json`, 'post'],
  ['fetchIncomingPhoneNumber', `${INCOMING}/{Sid}.json`, 'get'],
  ['updateIncomingPhoneNumber', `${INCOMING}/{Sid}.json`, 'post'],
  ['deleteIncomingPhoneNumber', `${INCOMING}/{Sid}.json`, 'delete'],
  ['listOutgoingCallerId', `${ACCOUNTS}/{AccountSid}/OutgoingCallerIds.json`, 'get'],
] as const

/** What says nothing about the form of a value. */
const PROSE = new Set(['description', 'example', 'examples', 'title', 'x-twilio'])

function generate(description: Json): Json {
  const operations: Json = {}
  for (const [name, path, method] of SERVED) {
    operations[name] = trimOperation(at(description, 'paths', path, method) as Json)
  }
  const schemas: Json = {}
  collect(description, operations, schemas)
  return {
    source: at(description, 'info', 'title'),
    version: at(description, 'info', 'version'),
    operations,
    schemas,
  }
}

function trimOperation(operation: Json): Json {
  const parameters = ((operation['parameters'] ?? []) as Json[])
    .filter((parameter) => parameter['in'] === 'query')
    .map((parameter) => [parameter['name'], trim(parameter['schema'])])
  const form = at(operation, 'requestBody', 'content', 'application/x-www-form-urlencoded', 'schema')
  const [statusCode, answer] = Object.entries(operation['responses'] as Json)[0] ?? []
  return {
    query: Object.fromEntries(parameters) as Json,
    ...(form ? { form: trim(form) } : {}),
    statusCode: Number(statusCode),
    answer: trim(at(answer, 'content', 'application/json', 'schema')),
  }
}

/**
 * Drops the prose, and turns what OpenAPI 3.0 says in its own way into JSON Schema: `nullable` becomes null
 * among the types, a reference points to the schemas of the output.
 */
function trim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trim)
  if (typeof value !== 'object' || value === null) return value
  const result: Json = {}
  for (const [key, member] of Object.entries(value)) {
    if (PROSE.has(key) || key.startsWith('x-') || key === 'nullable') continue
    if (key === '$ref') result[key] = String(member).replace('#/components/schemas/', '#/schemas/')
    else if (key === 'properties') result[key] = trimEach(member as Json)
    else result[key] = trim(member)
  }
  if ('nullable' in value && value.nullable === true) {
    result['type'] = [result['type'], 'null']
    if (Array.isArray(result['enum'])) result['enum'] = [...(result['enum'] as unknown[]), null]
  }
  return result
}

/** The names of properties are names, whatever they look like. */
function trimEach(properties: Json): Json {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, trim(schema)]))
}

/** Adds every schema that is referred to, and those it refers to in turn. */
function collect(description: Json, value: unknown, schemas: Json): void {
  for (const [, name] of JSON.stringify(value).matchAll(/"#\/schemas\/([^"]+)"/g)) {
    if (name === undefined || name in schemas) continue
    schemas[name] = trim(orNull(name, at(description, 'components', 'schemas', name) as Json))
    collect(description, schemas[name], schemas)
  }
}

/** Its prose says that it is null until the conference has ended; its type forgets to. */
function orNull(name: string, schema: Json): Json {
  return name === 'conference_enum_reason_conference_ended' ? { ...schema, nullable: true } : schema
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value)
}

const [descriptionPath, licensePath] = process.argv.slice(2)
if (!descriptionPath || !licensePath) throw new Error('Give the paths of the description and of its licence.')
const here = import.meta.dirname
const schemas = generate(JSON.parse(readFileSync(descriptionPath, 'utf8')) as Json)
writeFileSync(join(here, 'carrier-schemas.json'), `${JSON.stringify(schemas, null, 1)}\n`)
writeFileSync(join(here, 'carrier-schemas.LICENSE'), readFileSync(licensePath))
