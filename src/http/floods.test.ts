/** A gigabyte to each kind of route: refused before much of it was read, and the connection ends. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { sendWithoutEnd } from '../../test/senders.ts'

const gibibyte = 1024 ** 3
let world: HttpWorld
let url: URL
let admin: string
beforeAll(async () => {
  world = await createHttpWorld()
  admin = `Authorization: Bearer ${await world.tokenOf('admin@first.test')}\r\n`
  url = new URL(await world.app.listen({ port: 0, host: '127.0.0.1' }))
})
afterAll(() => world?.close())

const json = 'Content-Type: application/json\r\n'
const parts = 'Content-Type: multipart/form-data; boundary=a\r\n'
const known = `Content-Length: ${gibibyte}\r\n`
const chunked = 'Transfer-Encoding: chunked\r\n'
const field = '--a\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
const file = '--a\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'

test.each([
  ['POST /api/token/', json + known, '{"email":"', 413],
  ['POST /api/token/', json + chunked, '{"email":"', 413],
  ['POST /api/token/', parts + chunked, field, 413],
  ['POST /api/agents/', json + chunked, '{"name":"', 413],
  ['POST /api/agents/', parts + chunked, field, 413],
  ['POST /api/agents/', parts + chunked, file, 413],
  ['POST /api/system/files/', parts + known, file, 413],
  ['POST /api/nothing/here/', json + chunked, '{', 413],
  ['POST /hooks/voice/x/status', `Content-Type: application/x-www-form-urlencoded\r\n${chunked}`, 'a=', 413],
  ['GET /healthz', json + chunked, '{', 200],
])('%s, %j', async (route, headers, prefix, status) => {
  const head = `${route} HTTP/1.1\r\nHost: x\r\n${route.includes('token') ? '' : admin}${headers}\r\n`
  const told = await sendWithoutEnd(url, { head, prefix, length: gibibyte })
  expect({ ...told, isEarly: told.sentBytes < 32 * 1024 ** 2 }).toMatchObject({
    status,
    isEarly: true,
    closed: true,
  })
})
