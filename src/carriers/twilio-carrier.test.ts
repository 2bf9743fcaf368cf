import { createServer, type Socket } from 'node:net'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createNumberList } from './caller-ids.ts'
import type { Carrier } from './carrier.ts'
import { CarrierAway } from './carrier.ts'
import { createTwilioCarrier } from './twilio-carrier.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const request = {
  to: '+12125550100',
  from: '+18005550100',
  instructions: { twiml: '<Response/>' },
  statusCallbackUrl: 'http://127.0.0.1:9/x',
  ringTimeoutSeconds: 60,
}
const sid = `CA${'a'.repeat(32)}`

function carrierAt(port: number, placeTimeoutMs = 5_000): Carrier {
  const carrier = createTwilioCarrier({
    accountSid: 'AC1',
    authToken: 'secret',
    apiUrl: `http://127.0.0.1:${port}`,
    live: false,
    placeConnections: 50,
    placeTimeoutMs,
  })
  closers.push(() => carrier.close())
  return carrier
}

async function rawServer(receive: (socket: Socket, text: string) => void) {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      requests.push(bytes.toString('latin1'))
      receive(socket, bytes.toString('latin1'))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => server.close(closed))
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, requests }
}

async function httpServer(answer: RequestListener) {
  const server = createHttpServer(answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const answer = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
const created = answer('201 Created', JSON.stringify({ sid, to: request.to, status: 'queued' }))

test('nothing is written when the last question says no', async () => {
  const server = await rawServer((socket) => socket.write(created))
  const placement = await carrierAt(server.port).place(request, () => false)
  expect(placement).toMatchObject({ outcome: 'unavailable', reason: 'intent_expired', trouble: null })
  expect(server.requests).toEqual([])
})

test('a connection that closes under a request is unclear and nothing is sent again', async () => {
  for (const end of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const server = await rawServer((socket) => void socket[end]())
    const placement = await carrierAt(server.port).place(request, () => true)
    expect([end, placement.outcome]).toEqual([end, 'unknown'])
    expect([end, server.requests.length]).toEqual([end, 1])
  }
})

test('an idle connection closed by the carrier under our feet never doubles a request', async () => {
  let count = 0
  const server = await rawServer((socket) => {
    count += 1
    socket.write(created)
    // Closed while the next request is on its way or just before.
    if (count % 2 === 0) setImmediate(() => void (count % 4 === 0 ? socket.destroy() : socket.end()))
  })
  const carrier = carrierAt(server.port)
  let asked = 0
  for (let round = 0; round < 300; round += 1) {
    const placement = await carrier.place(request, () => {
      asked += 1
      return true
    })
    expect(['placed', 'unknown', 'unavailable']).toContain(placement.outcome)
  }
  expect(server.requests.length).toBeLessThanOrEqual(300)
  expect(asked).toBeGreaterThanOrEqual(server.requests.length)
})

test('an answer that does not come in time is unclear', async () => {
  const server = await rawServer(() => {})
  const placement = await carrierAt(server.port, 200).place(request, () => true)
  expect(placement).toMatchObject({ outcome: 'unknown', reason: 'timeout' })
})

test('an answer that drips or never ends is cut off and unclear', async () => {
  const port = await httpServer((_request, response) => {
    response.writeHead(201)
    const more = setInterval(() => response.write('{'), 20)
    response.on('close', () => clearInterval(more))
  })
  expect(await carrierAt(port, 300).place(request, () => true)).toMatchObject({ outcome: 'unknown' })
  const flood = await httpServer((_request, response) => {
    response.writeHead(201)
    const chunk = Buffer.alloc(256 * 1024, 32)
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  expect(await carrierAt(flood, 5_000).place(request, () => true)).toMatchObject({
    outcome: 'unknown',
    reason: 'answer_too_large',
  })
})

test('a carrier that cannot be reached has dialed nobody', async () => {
  const server = await rawServer(() => {})
  const port = server.port
  for (const close of closers.splice(0)) await close()
  expect(await carrierAt(port).place(request, () => true)).toMatchObject({
    outcome: 'unavailable',
    trouble: { kind: 'away' },
  })
})

test('a redirect is not followed and carries our credentials nowhere', async () => {
  let elsewhere = 0
  const other = await httpServer((_request, response) => {
    elsewhere += 1
    response.end()
  })
  for (const status of [301, 302, 307, 308]) {
    const port = await httpServer((_request, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${other}/` }).end()
    })
    expect(await carrierAt(port).place(request, () => true)).toMatchObject({ outcome: 'unknown' })
  }
  expect(elsewhere).toBe(0)
})

test('ending a call that is over already is no error, one that goes on is', async () => {
  let status = 'completed'
  const port = await httpServer((asked, response) => {
    if (asked.method === 'POST') response.statusCode = 400
    response.end(asked.method === 'POST' ? '{"code":21220}' : JSON.stringify({ sid, status }))
  })
  await carrierAt(port).endCall(sid)
  status = 'in-progress'
  await expect(carrierAt(port).endCall(sid)).rejects.toBeInstanceOf(CarrierAway)
})

test('an unreadable list proves nothing', async () => {
  const bodies = ['', '[]', '{"calls":[{"sid":"x"}]}', '{"calls":[null]}', '{"calls":{}}']
  for (const body of bodies) {
    const port = await httpServer((_request, response) => response.end(body))
    const asked = carrierAt(port).findCalls({ to: request.to, from: request.from, nowMs: 0 })
    await expect(asked).rejects.toBeInstanceOf(CarrierAway)
  }
})

test('a next page elsewhere is not asked for', async () => {
  const port = await httpServer((_request, response) =>
    response.end(JSON.stringify({ calls: [], next_page_uri: 'http://127.0.0.2:1/steal' })),
  )
  const asked = carrierAt(port).findCalls({ to: request.to, from: request.from, nowMs: 0 })
  await expect(asked).rejects.toMatchObject({ reason: 'next_page_elsewhere' })
})

test('a carrier that knows no lists of numbers has none, and one that fails is not asked again at once', async () => {
  let failing = false
  let asked = 0
  const port = await httpServer((_request, response) => {
    asked += 1
    response.writeHead(failing ? 500 : 404, { 'content-type': 'application/json' }).end('{"code":20404}')
  })
  const carrier = carrierAt(port)
  expect(await carrier.callerIds()).toEqual({ owned: [], verified: [] })
  await expect(carrier.findNumber('+12125550100')).rejects.toThrow(CarrierAway)
  failing = true
  asked = 0
  const list = createNumberList(carrier)
  for (let time = 0; time < 20; time += 1) expect(await list.read()).toBe(null)
  // The two lists are asked for side by side, and once.
  expect(asked).toBeLessThanOrEqual(2)
})

test('the numbers of the account are read from all pages, however the carrier names and writes them', async () => {
  const capabilities = { voice: true }
  const numbers = [
    { sid: `PN${'a'.repeat(32)}`, phone_number: '+12125550101', capabilities },
    { sid: 'number-2', phone_number: '12125550102', capabilities },
    { sid: 'PN3', phone_number: '+1 (212) 555-0103', capabilities },
  ]
  const port = await httpServer((asked, response) => {
    const url = new URL(asked.url ?? '', 'http://carrier')
    const page = Number(url.searchParams.get('Page') ?? 0)
    const next = page < 2 ? `${url.pathname}?PageSize=1&Page=${page + 1}&PageToken=PA1` : null
    const isOwned = url.pathname.endsWith('/IncomingPhoneNumbers.json')
    response.writeHead(isOwned ? 200 : 404)
    response.end(JSON.stringify({ incoming_phone_numbers: [numbers[page]], next_page_uri: next }))
  })
  const carrier = carrierAt(port)
  const { owned: found, verified } = await carrier.callerIds()
  expect(found.map((one) => [one.number, one.sid])).toEqual([
    ['+12125550101', `PN${'a'.repeat(32)}`],
    ['+12125550102', 'number-2'],
    ['+12125550103', 'PN3'],
  ])
  expect(verified).toEqual([])
  expect(await carrier.findNumber('+12125550102')).toMatchObject({ sid: 'number-2' })
})

test('a next page that is no address proves nothing', async () => {
  const port = await httpServer((_asked, response) =>
    response.end(JSON.stringify({ calls: [], next_page_uri: 'http://[' })),
  )
  const asked = carrierAt(port).findCalls({ to: '+12125550100', from: '+18005550100', nowMs: Date.now() })
  await expect(asked).rejects.toBeInstanceOf(CarrierAway)
})

test('calls are found also when the carrier names them and writes numbers in its own way', async () => {
  const own = { sid: 'b7d1-42', to: '12125550100', from: '1 800 555 0100', status: 'ringing' }
  const other = { ...own, sid: 'b7d1-43', to: '+12125550101' }
  const next = '/2010-04-01/Accounts/AC1/Calls.json?Page=1'
  const port = await httpServer((asked, response) => {
    // The list grew meanwhile: the second page begins with the last of the first.
    const isFirst = !(asked.url ?? '').includes('Page=1')
    const page = { calls: isFirst ? [other, own] : [own, other], next_page_uri: isFirst ? next : null }
    response.writeHead(200).end(JSON.stringify(page))
  })
  const { calls } = await carrierAt(port).findCalls({ to: request.to, from: request.from, nowMs: Date.now() })
  expect(calls.map((call) => call.sid)).toEqual(['b7d1-42'])
})
