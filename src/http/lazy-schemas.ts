/**
 * Schemas become functions when their route is first used. All at once they take as long as everything else of a start
 * together, and a process that was killed has calls to make.
 */
import buildAjv from '@fastify/ajv-compiler'
import buildStringify from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify/types/schema.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Compiles now what no request has asked for yet. Throws when a schema is wrong. */
    compileSchemas(): void
  }
}

type Validate = ReturnType<FastifySchemaCompiler<object>>
type Serialize = ReturnType<FastifySerializerCompiler<object>>

const customOptions = {
  coerceTypes: false,
  removeAdditional: false,
  allErrors: true,
  useDefaults: true,
} as const

export function compileSchemasLazily(app: FastifyInstance): void {
  const validator = onFirstUse(() => buildAjv()({}, { customOptions }))
  const serializer = onFirstUse(() => buildStringify()({}))
  const all: (() => unknown)[] = []
  app.setValidatorCompiler<object>((definition) => {
    const compiled = onFirstUse((): Validate => validator()(definition))
    all.push(compiled)
    return validating(compiled)
  })
  app.setSerializerCompiler<object>((definition) => {
    const compiled = onFirstUse((): Serialize => serializer()({ httpStatus: '', ...definition }))
    all.push(compiled)
    return (value) => compiled()(value)
  })
  app.decorate('compileSchemas', () => all.forEach((compiled) => compiled()))
}

function onFirstUse<Made>(make: () => Made): () => Made {
  let made: { value: Made } | null = null
  return () => (made ??= { value: make() }).value
}

/** What was wrong stands beside the function that found it, as Ajv has it. */
function validating(compiled: () => Validate): Validate {
  const validate: Validate = (value) => {
    const found = compiled()(value)
    validate.errors = compiled().errors ?? null
    return found
  }
  return validate
}
