/** Fetches a sound file from an address that somebody named: once, and from nowhere inside our own network. */
import { Agent, buildConnector, request } from 'undici'
import { AppError } from '../errors.ts'
import { isPrivateRefusal, publicOnly, publicUrl } from '../http/public-address.ts'

const mostRedirects = 3
const withinMs = 20_000
const toPublicOnly = buildConnector({ lookup: publicOnly, timeout: 5_000 })

/**
 * The bytes at `address`, as they come. Only https; every address a name stands for must be public, and it is the one
 * that is connected to, so that a name that changes its meaning in between gains nothing. Redirects are looked at in
 * the same way. Throws AppError invalid `address_refused` or `address_unreadable`.
 */
export async function* fetchSound(
  address: string,
  param: string,
  connect: buildConnector.connector = toPublicOnly,
): AsyncGenerator<Buffer> {
  const agent = new Agent({ connect, maxResponseSize: -1 })
  try {
    const body = await follow(address, { agent, param })
    for await (const piece of body) yield piece as Buffer
  } catch (error) {
    if (error instanceof AppError) throw error
    if (isPrivateRefusal(error)) throw refused(param)
    throw unreadable(param, 'it could not be reached', error)
  } finally {
    await agent.destroy()
  }
}

async function follow(address: string, { agent, param }: { agent: Agent; param: string }) {
  let url = requirePublic(address, param)
  for (let redirects = 0; ; redirects++) {
    const answer = await request(url, {
      dispatcher: agent,
      headers: { accept: 'audio/*, application/ogg' },
      headersTimeout: withinMs,
      bodyTimeout: withinMs,
    })
    const { location } = answer.headers
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string') {
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => {})
      if (redirects === mostRedirects) throw unreadable(param, 'it redirects too often')
      url = requirePublic(new URL(location, url).href, param)
      continue
    }
    if (answer.statusCode === 200) return answer.body
    throw unreadable(param, `it answered ${answer.statusCode}`)
  }
}

function requirePublic(address: string, param: string): URL {
  const url = publicUrl(address)
  if (url === null) throw refused(param)
  return url
}

function refused(param: string): AppError {
  const sentence = `${param} must be an https address on the public internet. Upload the file with POST /api/system/files/ instead.`
  return new AppError('invalid', 'address_refused', sentence, { param })
}

function unreadable(param: string, why: string, cause?: unknown): AppError {
  const sentence = `${param} cannot be fetched: ${why}. Upload the file with POST /api/system/files/ instead.`
  return new AppError('invalid', 'address_unreadable', sentence, { param, cause })
}
