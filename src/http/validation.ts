import type { FastifySchemaValidationError } from 'fastify'
import { AppError, type FieldProblem } from '../errors.ts'

const mostProblems = 20

/** Their values are never repeated in an answer. */
const secretMembers = /(password|token|refresh|secret|otp)$/i

/** What the validator found, kept whole until the error handler words it. */
export class SchemaProblems extends Error {
  readonly found: readonly FastifySchemaValidationError[]
  readonly part: string

  constructor(found: readonly FastifySchemaValidationError[], part: string) {
    super(`The ${part} does not match its schema`)
    this.name = 'SchemaProblems'
    this.found = found
    this.part = part
  }
}

/** What the schemas found wrong, as one error that names each field, its value and the way out. */
export function invalidInput(problems: readonly FieldProblem[]): AppError {
  const [first] = problems
  if (!first) return new AppError('invalid', 'invalid', 'The request does not have the documented form.')
  const code = problems.every((problem) => problem.code === 'required') ? 'missing_field' : 'invalid_field'
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: see errors)` : ''
  return new AppError('invalid', code, `${first.message}${more}`, {
    param: first.param,
    errors: problems.slice(0, mostProblems),
  })
}

/**
 * Turns the validator's findings about `input` into problems: one per place. A value that fits none of several
 * alternatives is reported once, not once per alternative.
 */
export function problemsOf(found: readonly FastifySchemaValidationError[], input: unknown): FieldProblem[] {
  const byPlace = new Map<string, FieldProblem>()
  for (const finding of found) {
    const problem = problemOf(finding, found, input)
    const known = byPlace.get(problem.param)
    if (!known || finding.keyword === 'anyOf') byPlace.set(problem.param, problem)
  }
  return [...byPlace.values()]
}

function problemOf(
  finding: FastifySchemaValidationError,
  all: readonly FastifySchemaValidationError[],
  input: unknown,
): FieldProblem {
  const place = placeOf(finding.instancePath)
  const value = secretMembers.test(place) ? 'the value given' : shown(valueAt(input, finding.instancePath))
  const name = place === '' ? 'The body' : place
  const say = (code: string, message: string): FieldProblem => ({ param: place, code, message })
  const { params } = finding
  switch (finding.keyword) {
    case 'required': {
      const member = [place, String(params['missingProperty'])].filter(Boolean).join('.')
      return { param: member, code: 'required', message: `${member} is required.` }
    }
    case 'additionalProperties': {
      const member = [place, String(params['additionalProperty'])].filter(Boolean).join('.')
      return { param: member, code: 'unknown', message: `${member} is not known here.` }
    }
    case 'type':
      return say('type', `${name} must be ${article(String(params['type']))}; ${value} is not.`)
    case 'enum':
      return say('choice', `${name} must be one of ${listed(params['allowedValues'])}; ${value} is not.`)
    case 'const':
    case 'anyOf':
      return say('choice', `${name} must be ${alternatives(finding.instancePath, all)}; ${value} is not.`)
    case 'format':
      return say('format', `${name} must be a ${String(params['format'])}; ${value} is not.`)
    case 'minLength':
      return params['limit'] === 1
        ? say('blank', `${name} must not be empty.`)
        : say('too_short', `${name} must have at least ${params['limit']} characters.`)
    case 'maxLength':
      return say('too_long', `${name} must have at most ${params['limit']} characters.`)
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return say('range', `${name} must be ${comparison(params)}; ${value} is not.`)
    case 'minItems':
      return say('too_few', `${name} must have at least ${params['limit']} items.`)
    case 'maxItems':
      return say('too_many', `${name} must have at most ${params['limit']} items.`)
    default:
      return say(
        'invalid',
        `${name} is not as documented: ${finding.message ?? finding.keyword}. Given: ${value}.`,
      )
  }
}

/** `/tags/0/name` is `tags.0.name`. */
function placeOf(pointer: string): string {
  return pointer.split('/').slice(1).map(unescaped).join('.')
}

function valueAt(input: unknown, pointer: string): unknown {
  let value = input
  for (const step of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, unescaped(step))
  }
  return value
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** How many characters people see, as the schemas count them: one beyond the first plane is one, not two. */
export function lengthOf(text: string): number {
  return [...text].length
}

/** A value as a sentence can carry it: short, and never a whole document. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return `"${short.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ')}"`
}

function article(type: string): string {
  if (type === 'object') return 'an object'
  if (type === 'array') return 'a list'
  if (type === 'string') return 'text'
  if (type === 'boolean') return 'true or false'
  if (type === 'integer') return 'a whole number'
  return `a ${type.replaceAll(',', ' or ')}`
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values)
}

function alternatives(pointer: string, all: readonly FastifySchemaValidationError[]): string {
  const here = all.filter((finding) => finding.instancePath === pointer)
  const constants = here
    .filter((finding) => finding.keyword === 'const')
    .map((finding) => finding.params['allowedValue'])
  if (constants.length === 1) return shown(constants[0])
  if (constants.length > 0) return `one of ${constants.map(String).join(', ')}`
  const types = here
    .filter((finding) => finding.keyword === 'type')
    .map((finding) => article(String(finding.params['type'])))
  return types.length > 0 ? [...new Set(types)].join(' or ') : 'one of the documented forms'
}

function comparison(params: Record<string, unknown>): string {
  const words: Record<string, string> = {
    '>=': 'at least',
    '>': 'more than',
    '<=': 'at most',
    '<': 'less than',
  }
  return `${words[String(params['comparison'])] ?? ''} ${String(params['limit'])}`
}
