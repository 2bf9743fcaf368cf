/** The console: the files of its build, served by this process. Any other address a person opens is one of its pages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import staticFiles from '@fastify/static'
import type { App } from './app-shell.ts'

/** Those of the console's router, as addresses of this server. */
export const pages = [
  '/',
  '/today',
  '/messages',
  '/live',
  '/requests',
  '/requests/:id',
  '/heroes',
  '/heroes/:id',
  '/outbox',
  '/account',
  '/campaigns',
  '/campaigns/:id',
  '/setup',
  '/sign-in',
  '/leads',
  '/leads/:id',
  '/agent-dashboard',
  '/dialer',
  '/numbers',
  '/otp',
  '/credits',
  '/sounds',
]

/** Serves dist/web. A build that is missing (the API was started alone) leaves the pages out. */
export async function consoleFiles(app: App): Promise<void> {
  const folder = findBuild()
  if (folder === null) return
  await app.register(staticFiles, { root: folder, serve: false })
  app.route<{ Params: { '*': string } }>({
    method: 'GET',
    url: '/assets/*',
    config: { allow: 'anyone' },
    schema: { hide: true },
    // Their names carry a hash of their content.
    handler: (request, reply) =>
      reply.sendFile(`assets/${request.params['*']}`, { immutable: true, maxAge: '365d' }),
  })
  for (const name of readdirSync(folder).filter((file) => file.includes('.') && file !== 'index.html')) {
    app.route({
      method: 'GET',
      url: `/${name}`,
      config: { allow: 'anyone' },
      schema: { hide: true },
      handler: (_request, reply) => reply.sendFile(name),
    })
  }
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  for (const url of pages) {
    app.route({
      method: 'GET',
      url,
      config: { allow: 'anyone' },
      schema: { hide: true },
      handler: (_request, reply) =>
        reply
          .header('cache-control', 'no-cache')
          // A dialer opens a page with a person in its address: no other address is ever told of it.
          .header('referrer-policy', 'no-referrer')
          .type('text/html; charset=utf-8')
          .send(page),
    })
  }
}

function findBuild(): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const build = join(folder, 'dist', 'web')
    if (existsSync(join(build, 'index.html'))) return build
    if (folder === dirname(folder)) return null
  }
}
