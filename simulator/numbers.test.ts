import { afterEach, beforeEach, expect, it } from 'vitest'
import { readLedger } from './ledger.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { ACCOUNT_SID, openWorld, until, type ApiReply, type World } from './test-world.ts'

const ACCOUNT = `/2010-04-01/Accounts/${ACCOUNT_SID}`

let world: World
beforeEach(async () => {
  world = await openWorld({ speed: 20 })
})
afterEach(() => world.close())

function buy(phoneNumber: string): Promise<ApiReply> {
  return world.api(`${ACCOUNT}/IncomingPhoneNumbers.json`, { form: { PhoneNumber: phoneNumber } })
}

async function forSale(query = ''): Promise<string[]> {
  const answer = await world.api(`${ACCOUNT}/AvailablePhoneNumbers/US/Local.json?PageSize=1000&${query}`)
  return (answer.body['available_phone_numbers'] as { phone_number: string }[]).map(
    ({ phone_number }) => phone_number,
  )
}

async function owned(): Promise<string[]> {
  const answer = await world.api(`${ACCOUNT}/IncomingPhoneNumbers.json`)
  return (answer.body['incoming_phone_numbers'] as { phone_number: string }[]).map(
    ({ phone_number }) => phone_number,
  )
}

async function ledger(event: LedgerEntry['event']): Promise<number> {
  let count = 0
  for await (const entry of readLedger(world.ledgerPath)) if (entry.event === event) count += 1
  return count
}

it('a bought number is no longer for sale and may be shown as caller; a released one is for sale again', async () => {
  expect(await forSale()).toContain('+14155550140')
  const bought = await buy('+14155550140')
  expect(bought.statusCode).toBe(201)
  expect(String(bought.body['sid'])).toMatch(/^PN[0-9a-f]{30}40$/)
  expect(await forSale()).not.toContain('+14155550140')
  expect((await world.call('+12025550100', { From: '+14155550140' })).statusCode).toBe(201)
  await world.api(String(bought.body['uri']), { method: 'DELETE' })
  expect(await forSale()).toContain('+14155550140')
  expect((await world.call('+12025550100', { From: '+14155550140' })).body['code']).toBe(21210)
})

it('a number is sold once, however many ask for it', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => buy('+14155550145')))
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1)
  expect(answers.filter(({ body }) => body['code'] === 21422)).toHaveLength(19)
  expect(await ledger('number-bought')).toBe(1)
})

it('41 was taken meanwhile, and is not offered again', async () => {
  expect(await forSale()).toContain('+14155550141')
  expect((await buy('+14155550141')).body['code']).toBe(21422)
  expect(await forSale()).not.toContain('+14155550141')
})

it('42 is pending for a while, and cannot be used before', async () => {
  const bought = await buy('+14155550142')
  expect(bought.body['status']).toBe('pending')
  expect((await world.call('+12025550100', { From: '+14155550142' })).body['code']).toBe(21210)
  await until('the number is in use', async () => {
    return (await world.api(String(bought.body['uri']))).body['status'] === 'in-use'
  })
  expect((await world.call('+12025550100', { From: '+14155550142' })).statusCode).toBe(201)
})

it('43 can be bought and not be released', async () => {
  const bought = await buy('+14155550143')
  expect((await world.api(String(bought.body['uri']), { method: 'DELETE' })).statusCode).toBe(409)
  expect(await owned()).toContain('+14155550143')
})

it('44 is an error of the carrier, and nothing is bought', async () => {
  expect((await buy('+14155550144')).statusCode).toBe(500)
  expect(await owned()).not.toContain('+14155550144')
})

it('a list can be narrowed by digits and by capability', async () => {
  expect(await forSale('Contains=555015*')).toHaveLength(50)
  expect(await forSale('FaxEnabled=true')).toEqual([])
  expect((await world.api(`${ACCOUNT}/AvailablePhoneNumbers/NP/Local.json`)).statusCode).toBe(404)
})

it('the account keeps its numbers when the carrier starts again', async () => {
  await buy('+14155550146')
  const lost = await buy('+14155550147')
  await world.api(String(lost.body['uri']), { method: 'DELETE' })
  await buy('+14155550141')
  await world.restart()
  expect(await owned()).toEqual([world.carrier.defaultNumber, '+14155550146'])
  expect(await forSale()).not.toContain('+14155550141')
})
