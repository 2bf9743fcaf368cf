/** Where an address leads once it is followed: a name that stands for us, and a redirect to us, reach nobody. */
import { createServer, type Server } from 'node:http'
import { connect as openSocket, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { buildConnector } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicLookup } from '../http/public-address.ts'
import { fetchSound } from './fetch-sound.ts'

let inside: Server
let outside: Server
let visits = 0
let location = ''

beforeAll(async () => {
  inside = createServer((_, response) => response.end('secret')).listen(0, '127.0.0.1')
  inside.on('connection', () => (visits += 1))
  outside = createServer((_, response) => response.writeHead(302, { location }).end()).listen(0, '127.0.0.1')
  await Promise.all([inside, outside].map((server) => once(server, 'listening')))
})
afterAll(() => {
  for (const server of [inside, outside]) server.close()
})

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** The internet as these tests see it: one host is public, and answers; names stand for what `names` says. */
function internet(names: Readonly<Record<string, readonly string[]>> = {}): buildConnector.connector {
  const asUsual = buildConnector({
    lookup: publicLookup((name, _options, done) => {
      const addresses = names[name] ?? []
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    }),
    timeout: 2_000,
  })
  return (options, done) => {
    if (options.hostname !== 'outside.test') return asUsual(options, done)
    const socket = openSocket(portOf(outside), '127.0.0.1', () => done(null, socket))
    return undefined
  }
}

async function codeOf(address: string, connect: buildConnector.connector): Promise<unknown> {
  try {
    for await (const _ of fetchSound(address, 'audio_url', connect)) return 'something was read'
    return 'it was read to its end'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

test.each([
  () => `https://127.0.0.1:${portOf(inside)}/`,
  () => `https://[::ffff:127.0.0.1]:${portOf(inside)}/`,
  () => `http://127.0.0.1:${portOf(inside)}/`,
  () => `https://localhost:${portOf(inside)}/`,
  () => `//127.0.0.1:${portOf(inside)}/`,
  () => 'https://169.254.169.254/latest/meta-data/',
  () => 'file:///etc/passwd',
  () => 'https://user:word@outside.test/',
])('a redirect to an inside address is refused, and nobody inside is reached', async (to) => {
  location = to()
  const names = { localhost: ['127.0.0.1'] }
  expect(await codeOf('https://outside.test/a.wav', internet(names))).toBe('address_refused')
  expect(visits).toBe(0)
})

test('redirects without end are followed a few times', async () => {
  location = 'https://outside.test/again.wav'
  expect(await codeOf('https://outside.test/a.wav', internet())).toBe('address_unreadable')
})

test.each([
  ['one inside address', ['127.0.0.1']],
  ['an inside address of the newer kind', ['::1']],
  ['one address of each', ['203.0.112.9', '127.0.0.1']],
  ['the address of a cloud’s own data', ['169.254.169.254']],
  ['an inside address that is written as a newer one', ['::ffff:127.0.0.1']],
  ['the same in hexadecimal', ['::ffff:7f00:1']],
  ['nothing', []],
])('a name that stands for %s is refused where the connection is made', async (_what, addresses) => {
  const address = `https://rebound.test:${portOf(inside)}/a.wav`
  expect(await codeOf(address, internet({ 'rebound.test': addresses }))).toBe('address_refused')
  expect(visits).toBe(0)
})

test('a name is asked for once, and what it stood for then is what is connected to', async () => {
  let asked = 0
  const connect = buildConnector({
    lookup: publicLookup((_name, _options, done) => {
      asked += 1
      // Public to whoever checks, ours to whoever connects later.
      done(null, [{ address: asked === 1 ? '203.0.112.9' : '127.0.0.1', family: 4 }])
    }),
    timeout: 500,
  })
  expect(await codeOf(`https://rebound.test:${portOf(inside)}/a.wav`, connect)).toBe('address_unreadable')
  expect(asked).toBe(1)
  expect(visits).toBe(0)
})
