import { afterEach, describe, expect, it } from 'vitest'
import {
  CALLBACK_FAULTS,
  decideCallback,
  decideRequest,
  NO_FAULTS,
  REQUEST_FAULTS,
  type FaultSettings,
} from './faults.ts'
import { parseFaultSettings } from './fault-settings.ts'
import { ledgerCalls } from './ledger-calls.ts'
import { seededDraw } from './random.ts'
import { ACCOUNT_SID, allEnded, openWorld, SEED, until, type ApiReply, type World } from './test-world.ts'

let world: World
afterEach(() => world.close())

const one = '+13125550142'
const CALLS = `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls.json`

async function withFault(faults: Partial<FaultSettings>): Promise<void> {
  world = await openWorld({ faults })
}

/** What a caller sees: a status code, or that the connection broke. */
async function attempt(): Promise<ApiReply | 'broken'> {
  return world.call(one).catch(() => 'broken' as const)
}

async function placed(): Promise<number> {
  return (await ledgerCalls(world.ledgerPath)).length
}

describe('a request', () => {
  it.each([
    ['500-without', 500, 0],
    ['down', 503, 0],
    ['unauthorized', 401, 0],
    ['429', 429, 0],
    ['redirect', 302, 0],
    ['500-with-acceptance', 500, 1],
    ['garbage-201', 201, 1],
  ] as const)('hit by %s gets such an answer', async (fault, statusCode, calls) => {
    await withFault({ percent: { [fault]: 100 } })
    const answer = await attempt()
    expect(answer).not.toBe('broken')
    expect(Math.floor((answer as ApiReply).statusCode / 100)).toBe(Math.floor(statusCode / 100))
    expect(await placed()).toBe(calls)
  })

  it.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ] as const)('hit by %s sees its connection broken', async (fault, calls) => {
    await withFault({ percent: { [fault]: 100 } })
    expect(await attempt()).toBe('broken')
    expect(await placed()).toBe(calls)
  })

  it('that is slow is accepted late and answered later', async () => {
    await withFault({ acceptDelayMs: [60, 60], answerDelayMs: [60, 60] })
    const startedAt = performance.now()
    await world.call(one)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115)
  })

  it('hears of its call before it is answered when callbacks overtake the answer', async () => {
    await withFault({ percent: { 'callback-before-answer': 100 } })
    const answer = await world.call(one)
    expect(answer.statusCode).toBe(201)
    expect(world.callbacks(String(answer.body['sid']))[0]?.form['CallStatus']).toBe('initiated')
  })

  it('that gets garbage for an answer never gets a whole and true one', async () => {
    await withFault({ percent: { 'garbage-201': 100 } })
    const numbers = Array.from({ length: 40 }, (_, index) => `+131255501${10 + index}`)
    const answers = await Promise.all(numbers.map((to) => world.call(to)))
    const calls = await ledgerCalls(world.ledgerPath)
    expect(calls).toHaveLength(40)
    const trueSids = new Map(calls.map((call) => [call.to, call.sid]))
    const told = answers.map((answer) => answer.body?.['sid'])
    expect(told.filter((sid, index) => sid === trueSids.get(numbers[index] ?? ''))).toEqual([])
    expect(new Set(answers.map((answer) => Object.keys(answer.body ?? {}).length)).size).toBeGreaterThan(1)
    await allEnded(world)
  })

  it('gets an endless answer, which can be cut off', async () => {
    await withFault({ percent: { 'endless-answer': 100 } })
    const body = new URLSearchParams({ To: one, From: world.carrier.defaultNumber, Twiml: '<Response/>' })
    const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:test-token`).toString('base64')}`
    const response = await fetch(world.carrier.url + CALLS, {
      method: 'POST',
      headers: { authorization },
      body,
    })
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).length
      if (bytes > 2 * 1024 * 1024) break
    }
    expect(bytes).toBeGreaterThan(1024 * 1024)
  })

  it('is refused for want of money after as many calls as there was money for', async () => {
    await withFault({ moneyForCalls: 2 })
    const codes = [await world.call(one), await world.call(one), await world.call(one)].map(
      (reply) => reply.statusCode,
    )
    expect(codes).toEqual([201, 201, 403])
  })

  it('finds nobody listening while connections are refused, and everything as it was afterwards', async () => {
    await withFault({})
    await world.call(one)
    const body = JSON.stringify({ seconds: 0.3 })
    await fetch(`${world.carrier.url}/simulator/refuse`, { method: 'POST', body }).catch(() => null)
    await until('it refuses', async () => (await attempt()) === 'broken')
    await until('it listens again', async () => (await attempt()) !== 'broken')
    expect(await placed()).toBe(2)
  })
})

describe('a new call', () => {
  it('is absent from lists while they lag, and can be fetched all the same', async () => {
    await withFault({ listLagSeconds: 1 })
    const { body } = await world.call(one)
    expect((await world.api(CALLS)).body['calls']).toEqual([])
    expect((await world.api(String(body['uri']))).statusCode).toBe(200)
    await until(
      'it is listed',
      async () => ((await world.api(CALLS)).body['calls'] as unknown[]).length === 1,
    )
  })
})

describe('the switches', () => {
  it('are read and set over HTTP, and a wrong name is refused with the right ones', async () => {
    await withFault({})
    const url = `${world.carrier.url}/simulator/faults`
    const put = (settings: unknown): Promise<Response> =>
      fetch(url, { method: 'PUT', body: JSON.stringify(settings) })
    const settings = { percent: { 'callbacks-lost': 50 }, answerDelayMs: [50, 500], listLagSeconds: 5 }
    expect(await (await put(settings)).json()).toEqual({ ...NO_FAULTS, ...settings })
    expect(await (await fetch(url)).json()).toEqual({ ...NO_FAULTS, ...settings })
    const refused = await put({ percent: { 'callbacks-lots': 50 } })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('callbacks-lost')
  })

  it('hit as many as their percentage says', async () => {
    await withFault({})
    const settings = parseFaultSettings({ percent: { '429': 30, 'callbacks-lost': 20 } })
    const draws = Array.from({ length: 4000 }, (_, index) => seededDraw(SEED, index))
    const refused = draws.filter((draw) => decideRequest(settings, draw).fault === '429').length
    const lost = draws.filter((draw) => decideCallback(settings, draw).lost).length
    expect(Math.abs(refused / 4000 - 0.3)).toBeLessThan(0.03)
    expect(Math.abs(lost / 4000 - 0.2)).toBeLessThan(0.03)
  })

  it('each hit when they are at a hundred', async () => {
    await withFault({})
    for (const name of REQUEST_FAULTS) {
      const settings = parseFaultSettings({ percent: { [name]: 100 } })
      expect(decideRequest(settings, seededDraw(SEED)).fault).toBe(name)
    }
    const all = parseFaultSettings({
      percent: Object.fromEntries(CALLBACK_FAULTS.map((name) => [name, 100])),
    })
    const fate = decideCallback(all, seededDraw(SEED))
    expect(fate).toMatchObject({ lost: true, doubled: true, forged: true, held: true })
    expect(fate.delayMs).toBeGreaterThanOrEqual(1000)
  })
})
