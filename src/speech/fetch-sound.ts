/** Fetches a sound file from an address that somebody named: once, and from nowhere inside our own network. */
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { AppError } from '../errors.ts'

const mostRedirects = 3
const withinMs = 20_000

/**
 * The bytes at `address`, as they come. Only https; every address a name stands for must be public, and it is the one
 * that is connected to, so that a name that changes its meaning in between gains nothing. Redirects are looked at in
 * the same way. Throws AppError invalid `address_refused` or `address_unreadable`.
 */
export async function* fetchSound(address: string, param: string): AsyncGenerator<Buffer> {
  const agent = new Agent({ connect: { lookup: publicOnly, timeout: 5_000 }, maxResponseSize: -1 })
  try {
    const body = await follow(address, { agent, param })
    for await (const piece of body) yield piece as Buffer
  } catch (error) {
    if (error instanceof AppError) throw error
    if (isRefused(error)) throw refused(param)
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
  const url = URL.parse(address)
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const isFine =
    url !== null &&
    url.protocol === 'https:' &&
    url.username === '' &&
    (isIP(host) === 0 || isPublicAddress(host))
  if (!isFine) throw refused(param)
  return url
}

const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    if (addresses.length === 0 || !addresses.every((one) => isPublicAddress(one.address)))
      return callback(Object.assign(new Error('a private address'), { code: 'EPRIVATE' }), [])
    callback(null, addresses)
  })
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPRIVATE'
}

// Two lists: one would take an IPv4 address for the IPv6 address that carries it.
const insideV4 = new BlockList()
const insideV6 = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  insideV4.addSubnet(net, bits, 'ipv4')
// Everything but what is assigned to the public (2000::/3), and of that what carries other addresses or documents.
for (const [net, bits] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  insideV6.addSubnet(net, bits, 'ipv6')

/** Whether an address of the internet at large. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return isPublicAddress(mapped)
  const family = isIP(address)
  if (family === 4) return !insideV4.check(address, 'ipv4')
  return family === 6 && !insideV6.check(address, 'ipv6')
}

function refused(param: string): AppError {
  const sentence = `${param} must be an https address on the public internet. Upload the file with POST /api/system/files/ instead.`
  return new AppError('invalid', 'address_refused', sentence, { param })
}

function unreadable(param: string, why: string, cause?: unknown): AppError {
  const sentence = `${param} cannot be fetched: ${why}. Upload the file with POST /api/system/files/ instead.`
  return new AppError('invalid', 'address_unreadable', sentence, { param, cause })
}
