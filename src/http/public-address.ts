/** What a server may be told to call up: nothing inside its own network. */
import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** An https address without a user name, whose host is a name or a public address; else null. */
export function publicUrl(address: string): URL | null {
  const url = URL.parse(address)
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || isPublicAddress(host) ? url : null
}

/** Resolves names to public addresses only, and to those that are connected to: a name gains nothing by changing its meaning in between. */
export const publicOnly: LookupFunction = publicLookup(lookup)

export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export function publicLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      if (addresses.length === 0 || !addresses.every((one) => isPublicAddress(one.address)))
        return callback(Object.assign(new Error('a private address'), { code: 'EPRIVATE' }), [])
      callback(null, addresses)
    })
  }
}

/** Whether a request failed because `publicOnly` refused its host. */
export function isPrivateRefusal(error: unknown): boolean {
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
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
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
