import type { IncomingMessage } from 'node:http'
import { parse, type ParsedUrlQuery } from 'node:querystring'

const MAX_BODY_BYTES = 1024 * 1024

/** The whole body as text; null when it is larger than a mebibyte or the connection broke. */
export function readText(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
    })
    request.on('end', () => {
      resolve(bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : null)
    })
    request.on('error', () => {
      resolve(null)
    })
  })
}

/** The form of a request; null when its body is none. */
export async function readForm(request: IncomingMessage): Promise<ParsedUrlQuery | null> {
  const body = await readText(request)
  const type = request.headers['content-type'] ?? ''
  if (body === null) return null
  if (body !== '' && !type.startsWith('application/x-www-form-urlencoded')) return null
  return parse(body)
}
