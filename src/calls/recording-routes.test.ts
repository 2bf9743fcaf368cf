import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCarrier, type RunningCarrier } from '../../simulator/carrier.ts'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { insertCalls } from '../../test/calls.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../config.ts'

let world: HttpWorld
let phones: RunningCarrier
const folder = mkdtempSync(join(tmpdir(), 'recordings-'))

beforeAll(async () => {
  phones = await startCarrier({
    port: 0,
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    ledgerPath: join(folder, 'ledger.jsonl'),
    seed: 1,
    speed: 1_000,
    profile: 'all-answer',
  })
  world = await createHttpWorld({ carrierUrl: phones.url })
})
afterAll(async () => {
  await world.close()
  await phones.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A call that the carrier has recorded, and whose webhook about that never came. */
async function recordedCall(record: boolean): Promise<string> {
  const [id = ''] = await insertCalls(world.database.sql, world.workspaceId, [
    { state: 'completed', createdAt: world.clock.now() },
  ])
  const authorization = `Basic ${Buffer.from(`${simulatedAccountSid}:${simulatedAuthToken}`).toString('base64')}`
  const body = new URLSearchParams({
    To: '+12025550100',
    From: phones.defaultNumber,
    Twiml: '<Response><Say>This is a message.</Say></Response>',
    ...(record ? { Record: 'true' } : {}),
  })
  const url = `${phones.url}/2010-04-01/Accounts/${simulatedAccountSid}/Calls.json`
  const answer = await fetch(url, { method: 'POST', headers: { authorization }, body })
  const { sid } = (await answer.json()) as { sid: string }
  await expect.poll(() => phones.openCalls()).toBe(0)
  await world.database.sql`update calls set carrier_sid = ${sid} where id = ${id}`
  return id
}

test('a recording is found at the carrier, played, deleted for good, and in the history', async () => {
  const { manager, agent } = world.people
  const id = await recordedCall(true)
  const address = `/api/calls/${id}/recording/`
  const sound = await world.as(manager, 'GET', address)
  expect(sound.headers['content-type']).toBe('audio/wav')
  expect(sound.headers['cache-control']).toBe('no-store')
  expect(sound.rawPayload.subarray(0, 4).toString()).toBe('RIFF')
  const detail = await world.as(manager, 'GET', `/api/calls/${id}/`)
  expect(detail.json().recording).toEqual({ url: address, duration: expect.any(Number), deleted: false })

  expect((await world.as(agent, 'DELETE', address)).statusCode).toBe(403)
  const deleted = await world.as(manager, 'DELETE', address)
  expect(deleted.json().recording).toMatchObject({ url: null, deleted: true })
  expect(deleted.json().history.map((entry: { kind: string }) => entry.kind)).toEqual([
    'recorded',
    'recording_deleted',
  ])
  for (const method of ['GET', 'DELETE'])
    expect(await world.as(manager, method, address)).toMatchObject({ statusCode: 404 })
})

test('a call without a recording has none, and another workspace’s call is none', async () => {
  const { manager } = world.people
  const id = await recordedCall(false)
  const answer = await world.as(manager, 'GET', `/api/calls/${id}/recording/`)
  expect(answer.json()).toMatchObject({ status: 404, code: 'no_recording' })
  const stranger = await world.as(world.strangers.admin, 'GET', `/api/calls/${id}/recording/`)
  expect(stranger.statusCode).toBe(404)
})
