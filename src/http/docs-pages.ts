import { AppError } from '../errors.ts'
import type { App } from './app-shell.ts'
import { errorCodes } from './error-codes.ts'
import { referenceCss, referenceHtml, referenceScript } from './reference-page.ts'

/** The reference at /docs and one page per error code. Nothing on them comes from another host. */
export async function docsPages(app: App): Promise<void> {
  const config = { allow: 'anyone' } as const
  const schema = { hide: true }
  const files: readonly [url: string, type: string, text: string][] = [
    ['/docs/', 'text/html; charset=utf-8', referenceHtml],
    ['/docs/reference.js', 'text/javascript; charset=utf-8', referenceScript],
    ['/docs/reference.css', 'text/css; charset=utf-8', referenceCss],
  ]
  for (const [url, type, text] of files) {
    app.route({
      method: 'GET',
      url,
      config,
      schema,
      handler: async (_request, reply) => reply.type(type).header('cache-control', 'no-cache').send(text),
    })
  }
  app.route({
    method: 'GET',
    url: '/docs/errors/',
    config,
    schema,
    handler: async (_request, reply) => reply.type('text/html; charset=utf-8').send(errorList()),
  })
  app.route<{ Params: { code: string } }>({
    method: 'GET',
    url: '/docs/errors/:code',
    config,
    schema,
    handler: async (request, reply) => {
      const { code } = request.params
      const entry = errorCodes.get(code)
      if (!entry) throw new AppError('not_found', 'not_found', 'There is no error with this code.')
      const body = `<h1>${entry.title}</h1><p><code>${code}</code></p><p>${escaped(entry.sentence)}</p>
<p><a href="/docs/errors/">All error codes</a> · <a href="/docs/">API reference</a></p>`
      return reply.type('text/html; charset=utf-8').send(page(entry.title, body))
    },
  })
}

function errorList(): string {
  const rows = [...errorCodes].map(
    ([code, entry]) =>
      `<tr><td><a href="/docs/errors/${code}"><code>${code}</code></a></td><td>${escaped(entry.sentence)}</td></tr>`,
  )
  return page('Error codes', `<h1>Error codes</h1><table>${rows.join('\n')}</table>`)
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – Trunkline</title>
<link rel="stylesheet" href="/docs/reference.css">
</head>
<body class="plain"><main>${body}</main></body>
</html>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
