/** What deaths, large answers and removals do to deliveries. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeDue } from './delivery-store.ts'
import {
  createListeningWorld,
  eventually,
  told,
  verify,
  type ListeningWorld,
} from './listening-world.fixture.ts'
let world: ListeningWorld

beforeAll(async () => {
  world = await createListeningWorld()
})
afterAll(() => world?.close())

test('what a process had taken and died over is sent by another one a minute later', async () => {
  const sink = await world.openSink()
  const { id } = await world.register(sink.url)
  await world.loop.stop()
  await world.happen('नमस्ते +9779800000040')
  const dead = await takeDue(
    world.database.sql,
    { perEndpoint: 8, busy: new Map(), limit: 64 },
    world.clock.now(),
  )
  expect(dead.filter(({ endpointId }) => endpointId === id)).toHaveLength(1)
  world.loop = world.newLoop()
  await world.loop.start()
  await world.happen('+9779800000041')
  await eventually(() => told(sink), ['+9779800000041'])
  await world.clock.advance(61_000)
  await eventually(() => told(sink), ['+9779800000041', 'नमस्ते +9779800000040'])
})

test('letters in any script are signed as they are sent', async () => {
  const sink = await world.openSink()
  const { secret } = await world.register(sink.url)
  await world.happen('नमस्ते, 📞 "\\')
  await eventually(() => told(sink), ['नमस्ते, 📞 "\\'])
  expect(verify(secret, sink.letters[0])).toMatchObject({ data: { number: 'नमस्ते, 📞 "\\' } })
})

test('an answer without an end is taken by its status, and only its beginning is kept', async () => {
  const sink = await world.openSink(() => 200)
  sink.size = 50_000_000
  const { id } = await world.register(sink.url)
  await world.happen('+9779800000050')
  await eventually(async () => (await world.deliveries(id))[0]?.status, 'delivered')
  expect((await world.deliveries(id))[0]?.response?.body).toHaveLength(2_000)
})

test('a webhook that is removed in the middle of everything fails nothing that happens meanwhile', async () => {
  const { admin } = world.people
  for (let round = 0; round < 5; round += 1) {
    const sink = await world.openSink()
    const { id } = await world.register(sink.url)
    const events = Array.from({ length: 40 }, (_, index) => world.happen(`+97798000006${index + 10}`))
    const removed = world.as(admin, 'DELETE', `/api/webhooks/${id}/`)
    await Promise.all(events)
    expect((await removed).statusCode).toBe(204)
  }
})
