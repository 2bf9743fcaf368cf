import swagger from '@fastify/swagger'
import type { App } from './app-shell.ts'

/** Collects the schemas of every route registered after it into an OpenAPI 3.1 description, at /openapi.json. */
export async function describeApi(app: App, publicUrl: string | null): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trunkline',
        version: '0.1.0',
        description: 'Everything a business does by phone. Errors have one form: see /docs/errors/<code>.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token from /api/token/, or an API key that begins with tk_.',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema['$id'] ?? `Schema${index}`),
    },
  })
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { allow: 'anyone' },
    schema: { hide: true },
    handler: async () => app.swagger(),
  })
}
