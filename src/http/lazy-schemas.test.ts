import { Type } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { compileSchemasLazily } from './lazy-schemas.ts'

function appWith(body: object, answer: object) {
  const app = Fastify()
  compileSchemasLazily(app)
  app.post('/', { schema: { body, response: { 200: answer } } }, async (request) => request.body)
  return app
}

test('a request is held against its schema from the first one on, and what was wrong is told each time', async () => {
  const app = appWith(Type.Object({ age: Type.Integer() }), Type.Object({ age: Type.Integer() }))
  const ask = (payload: object) => app.inject({ method: 'POST', url: '/', payload })
  for (let round = 0; round < 2; round += 1) {
    expect((await ask({ age: 'old' })).json().message).toContain('body/age must be integer')
    expect((await ask({ age: 7, more: 1 })).json()).toEqual({ age: 7 })
  }
})

test('a wrong schema lets the application start, and throws when every schema is compiled', async () => {
  const nonsense = { type: 'nonsense' }
  for (const app of [appWith(nonsense, Type.Any()), appWith(Type.Any(), nonsense)]) {
    await app.ready()
    expect(() => app.compileSchemas()).toThrow(/schema is invalid|nonsense/)
  }
})
