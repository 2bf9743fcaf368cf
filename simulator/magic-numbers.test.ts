import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import twilio from 'twilio'
import { ledgerCalls, type LedgerCall } from './ledger-calls.ts'
import { MAGIC_NUMBERS } from './magic-numbers.ts'
import { allEnded, AUTH_TOKEN, openWorld, until, type World } from './test-world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ speed: 200 })
})
afterAll(() => world.close())

const numberOf = (digits: string): string => `+120255501${digits}`

async function livedThrough(digits: string, form = {}): Promise<LedgerCall> {
  const answer = await world.call(numberOf(digits), form)
  expect(answer.statusCode).toBe(201)
  await allEnded(world)
  return inLedger(String(answer.body['sid']))
}

async function inLedger(sid: string): Promise<LedgerCall> {
  const found = (await ledgerCalls(world.ledgerPath)).find((call) => call.sid === sid)
  if (!found) throw new Error(`${sid} is not in the ledger`)
  return found
}

describe('the magic numbers', () => {
  it('00 answers and hears everything', async () => {
    const call = await livedThrough('00')
    expect(call).toMatchObject({ status: 'completed', durationSeconds: 4 })
    expect(call.heard).toMatchObject([{ complete: true, seconds: 3.8 }])
  })
  it('01 hangs up after three seconds', async () => {
    expect(await livedThrough('01')).toMatchObject({ status: 'completed', durationSeconds: 3 })
  })
  it('02 does not answer', async () => {
    expect(await livedThrough('02', { Timeout: '20' })).toMatchObject({
      status: 'no-answer',
      durationSeconds: 0,
    })
  })
  it('03 is busy', async () => {
    expect(await livedThrough('03')).toMatchObject({ status: 'busy', answeredAt: null })
  })
  it.each([
    ['04', 400, 21211],
    ['05', 400, 21216],
    ['26', 403, 20005],
  ])('%s is refused and nobody is dialed', async (digits, statusCode, code) => {
    const answer = await world.call(numberOf(digits))
    expect(answer).toMatchObject({ statusCode, body: { code, status: statusCode } })
    const calls = await ledgerCalls(world.ledgerPath)
    expect(calls.filter((call) => call.to === numberOf(digits))).toEqual([])
  })
  it('06 is answered, so that a call that should not have been made shows', async () => {
    expect((await livedThrough('06')).status).toBe('completed')
  })
  it('07 drops half-way through the message', async () => {
    const call = await livedThrough('07')
    expect(call.heard).toMatchObject([{ seconds: 1.9, complete: false }])
  })
  it('08 is a voicemail, and is told apart when that was asked for', async () => {
    const call = await livedThrough('08', { MachineDetection: 'Enable' })
    const last = world.callbacks(call.sid).at(-1)
    expect(last?.form['AnsweredBy']).toBe('machine_start')
  })
  it('09 answers after 55 seconds, unless the ring timeout is shorter', async () => {
    expect((await livedThrough('09')).status).toBe('completed')
    expect((await livedThrough('09', { Timeout: '30' })).status).toBe('no-answer')
  })
  it('10 answers at the second attempt', async () => {
    expect((await livedThrough('10')).status).toBe('no-answer')
    expect((await livedThrough('10')).status).toBe('completed')
  })
  it('11 answers at the third attempt', async () => {
    expect((await livedThrough('11')).status).toBe('no-answer')
    expect((await livedThrough('11')).status).toBe('busy')
    expect((await livedThrough('11')).status).toBe('completed')
  })
  it.each([
    ['12', '1'],
    ['13', '9'],
  ])('%s presses %s, and the instructions that follow are obeyed', async (digits, key) => {
    world.reply = ({ path, form }) =>
      path === '/pressed'
        ? { statusCode: 200, body: `<Response><Say>You pressed ${form['Digits']}.</Say></Response>` }
        : { statusCode: 204 }
    const Twiml = `<Response><Gather numDigits="1" action="${world.server}/pressed"><Say>Press a key.</Say></Gather></Response>`
    const call = await livedThrough(digits, { Twiml })
    expect(call.pressed).toBe(key)
    expect(call.heard.map((heard) => heard.text)).toEqual(['Press a key.', `You pressed ${key}.`])
  })
  it('14 stays on the line for five minutes', async () => {
    expect((await livedThrough('14')).durationSeconds).toBe(300)
  })
  it('20 answers HTTP 500 after the call was placed', async () => {
    const answer = await world.call(numberOf('20'))
    expect(answer.statusCode).toBeGreaterThanOrEqual(500)
    await allEnded(world)
    const calls = await ledgerCalls(world.ledgerPath)
    expect(calls.filter((call) => call.to === numberOf('20'))).toMatchObject([{ status: 'completed' }])
  })
  it('21 answers HTTP 429 once before each call', async () => {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const refused = await world.call(numberOf('21'))
      expect(refused).toMatchObject({ statusCode: 429, body: { code: 20429 } })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect((await livedThrough('21')).attempt).toBe(attempt)
    }
  })
  it('22 is placed, but the request is never answered', async () => {
    const abort = new AbortController()
    const asked = fetch(`${world.carrier.url}/simulator/summary`, { signal: abort.signal })
    await asked
    const silent = world.call(numberOf('22')).then(
      () => 'answered',
      () => 'silent',
    )
    const placed = async (): Promise<boolean> =>
      (await ledgerCalls(world.ledgerPath)).some(
        (call) => call.to === numberOf('22') && call.status === 'completed',
      )
    await until('the silent call is completed', placed)
    const first = await Promise.race([silent, Promise.resolve('nothing yet')])
    expect(first).toBe('nothing yet')
    await world.restart()
    expect(await silent).toBe('silent')
  })
  it('23 sends every callback twice, with the same token', async () => {
    const call = await livedThrough('23')
    await until('eight callbacks came', () => world.callbacks(call.sid).length === 8)
    const tokens = world.callbacks(call.sid).map((entry) => entry.headers['i-twilio-idempotency-token'])
    expect(new Set(tokens).size).toBe(4)
  })
  it('24 sends callbacks out of order', async () => {
    const call = await livedThrough('24')
    await until('four callbacks came', () => world.callbacks(call.sid).length === 4)
    const order = world.callbacks(call.sid).map((entry) => Number(entry.form['SequenceNumber']))
    expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
    expect(order).not.toEqual([0, 1, 2, 3])
  })
  it('25 sends no callback', async () => {
    const call = await livedThrough('25')
    expect(world.callbacks(call.sid)).toEqual([])
    expect(call.callbacksLost).toBe(4)
  })
  it('28 sends a forged callback beside every true one', async () => {
    const call = await livedThrough('28')
    await until('eight callbacks came', () => world.callbacks(call.sid).length === 8)
    const isTrue = world
      .callbacks(call.sid)
      .map(({ headers, form, path }) =>
        twilio.validateRequest(AUTH_TOKEN, String(headers['x-twilio-signature']), world.server + path, form),
      )
    expect(isTrue.filter(Boolean)).toHaveLength(4)
  })
  it('each says of itself what it does', () => {
    for (const magic of Object.values(MAGIC_NUMBERS)) expect(magic.about).toMatch(/^[A-Z].*\.$/)
  })
})
