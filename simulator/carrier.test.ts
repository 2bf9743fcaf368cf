import twilio from 'twilio'
import { afterEach, describe, expect, it } from 'vitest'
import { ledgerCalls } from './ledger-calls.ts'
import { readLedger } from './ledger.ts'
import { speechSeconds } from './speech-length.ts'
import { ACCOUNT_SID, allEnded, AUTH_TOKEN, MESSAGE, openWorld, until, type World } from './test-world.ts'

let world: World
afterEach(() => world.close())

const CALLS = `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls.json`
const one = '+13125550142'

describe('a call', () => {
  it('is born queued without a start time and ends completed with its uncompressed duration', async () => {
    world = await openWorld()
    const created = await world.call(one)
    expect(created.statusCode).toBe(201)
    expect(created.body).toMatchObject({ status: 'queued', start_time: null, end_time: null, duration: null })
    await allEnded(world)
    const fetched = await world.api(String(created.body['uri']))
    const duration = String(Math.ceil(speechSeconds(MESSAGE)))
    expect(fetched.body).toMatchObject({ status: 'completed', duration, to: one, direction: 'outbound-api' })
    expect(fetched.body['date_created']).toMatch(/^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} \+0000$/)
  })

  it('reports each event in order, signed so that the official library accepts it', async () => {
    world = await openWorld()
    const { body } = await world.call(one, {
      StatusCallback: `${world.server}/calls/ref?x=1&y=%20#rc=3&rp=all`,
    })
    const sid = String(body['sid'])
    await until('four callbacks came', () => world.callbacks(sid).length === 4)
    const callbacks = world.callbacks(sid)
    expect(callbacks.map((entry) => entry.form['CallStatus'])).toEqual([
      'initiated',
      'ringing',
      'in-progress',
      'completed',
    ])
    expect(callbacks.map((entry) => entry.form['SequenceNumber'])).toEqual(['0', '1', '2', '3'])
    for (const { path, form, headers } of callbacks) {
      const expected = twilio.getExpectedTwilioSignature(AUTH_TOKEN, world.server + path, form)
      expect(path).toBe('/calls/ref?x=1&y=%20')
      expect(headers['x-twilio-signature']).toBe(expected)
      expect(headers['i-twilio-idempotency-token']).toMatch(/^[0-9a-f-]{36}$/)
    }
    expect(callbacks[3]?.form).toMatchObject({ CallDuration: '4', Duration: '1', SipResponseCode: '200' })
  })

  it('signs callbacks by GET over the whole address', async () => {
    world = await openWorld()
    await world.call(one, { StatusCallbackMethod: 'GET', StatusCallbackEvent: 'completed' })
    await until('a callback came', () => world.received.length === 1)
    const [{ path = '', headers, method } = {}] = world.received as [Partial<World['received'][0]>]
    const expected = twilio.getExpectedTwilioSignature(AUTH_TOKEN, world.server + path, {})
    expect(method).toBe('GET')
    expect(headers?.['x-twilio-signature']).toBe(expected)
  })

  it('reports only its end when no event was asked for', async () => {
    world = await openWorld()
    await world.call(one, { StatusCallbackEvent: '' })
    await until('the end was reported', () => world.received.length > 0)
    expect(world.received.map((entry) => entry.form['CallStatus'])).toEqual(['completed'])
  })

  it('tries a callback a second time when the server answers 5xx, and not after 4xx', async () => {
    world = await openWorld()
    world.reply = ({ form }) => ({ statusCode: form['CallStatus'] === 'completed' ? 503 : 404 })
    const { body } = await world.call(one)
    const sid = String(body['sid'])
    await until('the last callback came twice', () => world.callbacks(sid).length === 5)
    await until('all four failures are in the ledger', async () => (await failures()) === 4)
    expect(world.callbacks(sid).filter((entry) => entry.form['CallStatus'] === 'completed')).toHaveLength(2)
  })

  it('can be taken back while it rings and hung up while it talks', async () => {
    world = await openWorld({ speed: 1 })
    const ringing = String((await world.call(one)).body['uri'])
    expect((await world.api(ringing, { form: { Status: 'canceled' } })).body).toMatchObject({
      status: 'canceled',
    })
    const talking = String((await world.call('+13125550143')).body['uri'])
    await until('it is in progress', async () => (await world.api(talking)).body['status'] === 'in-progress')
    expect((await world.api(talking, { form: { Status: 'canceled' } })).body).toMatchObject({
      status: 'in-progress',
    })
    expect((await world.api(talking, { form: { Status: 'completed' } })).body).toMatchObject({
      status: 'completed',
    })
    expect(await world.api(talking, { form: { Status: 'completed' } })).toMatchObject({
      statusCode: 400,
      body: { code: 21220 },
    })
  })

  it('obeys new instructions given while it talks', async () => {
    world = await openWorld({ speed: 10 })
    const uri = String(
      (await world.call(one, { Twiml: '<Response><Pause length="60"/></Response>' })).body['uri'],
    )
    await until('it is in progress', async () => (await world.api(uri)).body['status'] === 'in-progress')
    await world.api(uri, { form: { Twiml: '<Response><Say>Change of plan.</Say></Response>' } })
    await allEnded(world)
    const [call] = await ledgerCalls(world.ledgerPath)
    expect(call?.heard).toMatchObject([{ text: 'Change of plan.', complete: true }])
    expect(call?.durationSeconds).toBeLessThan(60)
  })

  it('waits in the queue when calls come faster than the account may make them', async () => {
    world = await openWorld({ callsPerSecond: 20 })
    await Promise.all(Array.from({ length: 5 }, (_, index) => world.call(`+1312555014${index}`)))
    await allEnded(world)
    const calls = await ledgerCalls(world.ledgerPath)
    const starts = calls.map((call) => call.startedAt?.getTime() ?? 0).toSorted((a, b) => a - b)
    expect((starts[4] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(190)
  })

  it('does not ring longer than the ring timeout nor talk longer than the time limit', async () => {
    world = await openWorld()
    await world.call(one, { Twiml: '<Response><Pause length="100"/></Response>', TimeLimit: '30' })
    await allEnded(world)
    const [call] = await ledgerCalls(world.ledgerPath)
    expect(call).toMatchObject({ durationSeconds: 30, reason: 'the time limit was reached' })
  })
})

describe('the account', () => {
  it('is refused without its credentials, in the form of the carrier', async () => {
    world = await openWorld()
    const answer = await world.api(CALLS, { authorization: 'Basic bm86bm8=' })
    expect(answer).toMatchObject({ statusCode: 401, body: { code: 20003, status: 401 } })
  })

  it.each([
    [{ To: '' }, 21201],
    [{ To: '12' }, 21211],
    [{ From: '' }, 21213],
    [{ From: 'nobody' }, 21212],
    [{ From: '+13125550199' }, 21210],
    [{ Twiml: '' }, 21205],
    [{ Url: 'nowhere' }, 21205],
    [{ StatusCallback: 'nowhere' }, 21609],
    [{ Timeout: 'long' }, 21208],
    [{ StatusCallbackMethod: 'PUT' }, 21209],
  ])('is told with the number of the mistake what is wrong with %o', async (form, code) => {
    world = await openWorld()
    const answer = await world.call(one, form as Record<string, string>)
    expect(answer).toMatchObject({ statusCode: 400, body: { code, status: 400 } })
    expect(answer.body['more_info']).toContain(String(code))
  })

  it('is told 404 for what does not exist', async () => {
    world = await openWorld()
    const path = `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls/CA${'0'.repeat(32)}.json`
    expect(await world.api(path)).toMatchObject({ statusCode: 404, body: { code: 20404 } })
  })
})

async function failures(): Promise<number> {
  let count = 0
  for await (const entry of readLedger(world.ledgerPath)) if (entry.event === 'callback-failed') count += 1
  return count
}
