/** Whether an answer is what the description says. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { described, type Operation } from './operations.ts'

export type Answer = {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Null when it was not read to its end: a stream. */
  body: string | null
}

/** What no answer may tell: where the program lies, what it asks the database, how it failed. */
const leak =
  /node_modules|\.ts:\d+|\.mjs:\d+|\bat \w+ \(|postgres(ql)?:\/\/|relation "|syntax error|\bselect .+ from\b/i
const wantedHeaders = [
  'x-request-id',
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
  'cache-control',
]

/**
 * Whether the carrier failed, and the answer says so and when to come back. Numbers of the simulated carrier that end in
 * 44 are there to be answered 500 when somebody buys them: nobody knows then whether the number was bought.
 */
export function tellsOfCarrier({ name }: Operation, { status, headers, body }: Answer): boolean {
  return (
    /^POST .api.system.phone_numbers.?$/.test(name) &&
    status === 503 &&
    headers['retry-after'] !== undefined &&
    (body ?? '').includes('"code":"purchase_unclear"')
  )
}

/** Judges answers by the document that describes them; returns what is wrong, in words. */
export function createAnswerJudge(document: object): (operation: Operation, answer: Answer) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'api')
  const compiled = new Map<object, ValidateFunction>()

  function validates(schema: object, value: unknown): string | null {
    let validate = compiled.get(schema)
    if (validate === undefined) compiled.set(schema, (validate = ajv.compile(absolute(schema))))
    if (validate(value)) return null
    const [first] = validate.errors ?? []
    return `${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}`
  }

  return (operation, answer) => {
    const { status, headers, body } = answer
    const wrong: string[] = []
    if (status >= 500 && !tellsOfCarrier(operation, answer))
      wrong.push(`answers ${status}: ${body?.slice(0, 200)}`)
    const missing = wantedHeaders.filter((name) => headers[name] === undefined)
    if (missing.length > 0) wrong.push(`${status} without ${missing.join(', ')}`)
    if (body !== null && leak.test(body)) wrong.push(`${status} tells too much: ${leak.exec(body)?.[0]}`)
    const response = described(operation, status)
    if (response === null) return [...wrong, `${status} is not described: ${body?.slice(0, 120)}`]
    if (body === null) return wrong
    const type = String(headers['content-type'] ?? '').split(';')[0] ?? ''
    if (response.content.size === 0)
      return body === '' ? wrong : [...wrong, `${status} is described without a body, and has one`]
    const schema = response.content.get(type)
    if (schema === undefined) return [...wrong, `${status} as ${type || 'nothing'} is not described`]
    if (schema === null || !type.endsWith('json')) return wrong
    const problem = validates(schema, parsed(body))
    return problem === null ? wrong : [...wrong, `${status} does not fit its schema: ${problem}`]
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The same schema with its references into the document it came from. */
function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as object
}
