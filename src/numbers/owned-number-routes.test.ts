import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCarrier, type RunningCarrier } from '../../simulator/carrier.ts'
import { readLedger } from '../../simulator/ledger.ts'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../config.ts'

let world: HttpWorld
let phones: RunningCarrier
const folder = mkdtempSync(join(tmpdir(), 'numbers-'))
const ledgerPath = join(folder, 'ledger.jsonl')
const url = '/api/system/phone_numbers'

beforeAll(async () => {
  phones = await startCarrier({
    port: 0,
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    ledgerPath,
    seed: 1,
    speed: 100,
    profile: 'default',
  })
  world = await createHttpWorld({ carrierUrl: phones.url })
})
afterAll(async () => {
  await world.close()
  await phones.close()
  rmSync(folder, { recursive: true, force: true })
})

type Listed = { phone_number: string; phone_number_sid: string; rate: number; status: string }

const asManager = (method: string, path: string, payload?: unknown) =>
  world.as(world.people.manager, method, path, payload)

async function offered(query = '?country=US'): Promise<Listed[]> {
  return (await asManager('GET', `${url}${query}`)).json().data.number_lists
}

async function sidFor(ending: string): Promise<string> {
  const found = (await offered('?country=US&contains=415')).find((one) => one.phone_number.endsWith(ending))
  if (found === undefined) throw new Error(`no number for sale ends in ${ending}`)
  return found.phone_number_sid
}

async function owned(): Promise<Listed[]> {
  return (await asManager('GET', '/api/system/owned/phone_numbers')).json().data.owned_numbers
}

test('many who look at the numbers for the first time all see them', async () => {
  await world.database.sql`truncate phone_numbers cascade`
  const looks = Array.from({ length: 10 }, (_, n) =>
    asManager('GET', n % 2 === 0 ? '/api/system/owned/phone_numbers' : `${url}?country=US`),
  )
  expect((await Promise.all(looks)).map((answer) => answer.statusCode)).toEqual(Array(10).fill(200))
})

async function sold(number: string): Promise<number> {
  let count = 0
  for await (const entry of readLedger(ledgerPath))
    if (entry.event === 'number-bought' && entry.phoneNumber === number) count += 1
  return count
}

async function used(): Promise<number> {
  const [row] = await world.database.sql<{ used: number }[]>`
    select coalesce(sum(used), 0)::bigint as used from credit_entries where workspace_id = ${world.workspaceId}`
  return row?.used ?? 0
}

test('a number of the carrier that nobody bought belongs to the first workspace and is shown with every member', async () => {
  const answer = await asManager('GET', '/api/system/owned/phone_numbers/')
  expect(answer.json()).toMatchObject({ status: 200, success: true })
  expect(answer.json().data.owned_numbers[0]).toMatchObject({
    phone_number: phones.defaultNumber,
    rate: 50,
    available_capabilities: 'Voice, SMS',
    capabilities: { voice: true, sms: true, mms: false, fax: false },
    phone_number_sid: expect.stringMatching(/^[0-9a-f]{32}$/),
    friendly_name: phones.defaultNumber,
    accept_incoming: 'Voice Calls',
    configure_with: 'Webhook',
    call_comes_in: 'Webhook',
    call_url: '',
    http_request: 'HTTP POST',
  })
  const others = await world.as(world.strangers.manager, 'GET', '/api/system/owned/phone_numbers')
  expect(others.json().data.owned_numbers).toEqual([])
})

test('a number is bought and released by the same sid, as the document prints it, in every form and with either slash', async () => {
  const sid = await sidFor('40')
  expect((await offered('?contains=4155550140'))[0]?.phone_number_sid).toBe(sid)
  const bought = await asManager('POST', `${url}/`, { phone_sid: sid })
  expect(bought.statusCode).toBe(200)
  expect(bought.json().message).toBe('+14155550140 number bought successfully!!')
  expect(bought.json().data.number_details).toMatchObject({
    phone_number: '+14155550140',
    phone_number_sid: sid,
    status: 'owned',
  })
  expect((await owned()).map((one) => one.phone_number)).toContain('+14155550140')
  expect((await offered()).map((one) => one.phone_number)).not.toContain('+14155550140')

  const released = await asManager('DELETE', url, { phone_sid: sid })
  expect(released.statusCode).toBe(200)
  expect(released.json()).toMatchObject({
    status: 204,
    message: '+14155550140 number released successfully!!',
  })
  expect(await sidFor('40')).toBe(sid)

  const token = await world.tokenOf('manager@first.test')
  const boundary = 'x'
  const multipart = await world.app.inject({
    method: 'POST',
    url,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    payload: `--x\r\nContent-Disposition: form-data; name="phone_sid"\r\n\r\n${sid}\r\n--x--\r\n`,
  })
  expect(multipart.json().message).toBe('+14155550140 number bought successfully!!')
  const byQuery = await asManager('DELETE', `${url}/?phone_sid=${sid}`)
  expect(byQuery.json().status).toBe(204)
})

test('20 parallel purchases of one number: one wins and one payment is made', async () => {
  const sid = await sidFor('45')
  const before = await used()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => asManager('POST', url, { phone_sid: sid })),
  )
  expect(answers.map((one) => one.statusCode).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)])
  expect(await sold('+14155550145')).toBe(1)
  expect((await used()) - before).toBe(50)
})

test('two workspaces that want the same number: one gets it, the other is told', async () => {
  const mine = await sidFor('46')
  const theirs = (
    await world.as(world.strangers.manager, 'GET', `${url}?country=US&contains=4155550146`)
  ).json()
  const theirSid = theirs.data.number_lists[0].phone_number_sid
  expect(theirSid).not.toBe(mine)
  const answers = await Promise.all([
    asManager('POST', url, { phone_sid: mine }),
    world.as(world.strangers.manager, 'POST', url, { phone_sid: theirSid }),
  ])
  expect(answers.map((one) => one.statusCode).sort()).toEqual([200, 409])
  expect(await sold('+14155550146')).toBe(1)
  const crossed = await world.as(world.strangers.manager, 'DELETE', url, { phone_sid: mine })
  expect(crossed.statusCode).toBe(404)
})

test('the last digits decide: taken meanwhile, pending, in use, error of the carrier', async () => {
  const taken = await asManager('POST', url, { phone_sid: await sidFor('41') })
  expect(taken.json()).toMatchObject({ status: 409, code: 'number_taken' })
  const pendingSid = await sidFor('42')
  const pending = await asManager('POST', url, { phone_number_sid: pendingSid })
  expect(pending.json().data.number_details.status).toBe('pending')
  const inUse = await sidFor('43')
  expect((await asManager('POST', url, { phone_sid: inUse })).statusCode).toBe(200)
  expect((await asManager('DELETE', url, { phone_sid: inUse })).json().code).toBe('number_in_use')
  expect((await owned()).find((one) => one.phone_number_sid === inUse)?.status).toBe('owned')
  const error = await asManager('POST', url, { phone_sid: await sidFor('44') })
  expect(error.json()).toMatchObject({ status: 503, code: 'purchase_unclear' })
  expect((await owned()).map((one) => one.phone_number)).not.toContain('+14155550144')
})

test('a number that a running campaign calls from cannot be released', async () => {
  const sid = await sidFor('47')
  await asManager('POST', url, { phone_sid: sid })
  const made = await asManager('POST', '/api/system/campaigns/', {
    name: 'Autumn',
    services: 'PHONE',
    individual_number: ['+12125550111'],
    user_phone: ['+14155550147'],
  })
  const { id } = made.json().data.details
  const begun = await asManager('POST', `/api/system/campaigns/${id}/begin/`, { message: 'Hello.' })
  expect(begun.statusCode).toBe(200)
  const refused = await asManager('DELETE', url, { phone_sid: sid })
  expect(refused.json()).toMatchObject({ status: 409, code: 'number_in_use' })
  expect(refused.json().error).toContain('Autumn')
  await asManager('POST', `/api/system/campaigns/${id}/stop/`)
  expect((await asManager('DELETE', url, { phone_sid: sid })).json().status).toBe(204)
})

test('a number of another workspace cannot be called from', async () => {
  const sid = await sidFor('48')
  await asManager('POST', url, { phone_sid: sid })
  const answer = await world.as(world.strangers.manager, 'POST', '/api/calls/', {
    to_number: '+12125550111',
    from_number: '+14155550148',
    message: 'Hello.',
  })
  expect(answer.json()).toMatchObject({ status: 400, param: 'from_number' })
  const campaign = await world.as(world.strangers.manager, 'POST', '/api/system/campaigns/', {
    name: 'Autumn',
    services: 'PHONE',
    individual_number: ['+12125550111'],
    user_phone: ['+14155550148'],
  })
  expect(campaign.json()).toMatchObject({ status: 400, code: 'not_owned' })
})

test('the same Idempotency-Key buys once and repeats its answer', async () => {
  const sid = await sidFor('49')
  const token = await world.tokenOf('manager@first.test')
  const send = () =>
    world.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'buy-49' },
      payload: { phone_sid: sid },
    })
  const first = await send()
  const again = await send()
  expect(first.statusCode).toBe(200)
  expect(again.json()).toEqual(first.json())
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(await sold('+14155550149')).toBe(1)
})

test('a number can be renamed, and the carrier knows it', async () => {
  const sid = await sidFor('50')
  await asManager('POST', url, { phone_sid: sid })
  const renamed = await asManager('PATCH', url, { phone_sid: sid, friendly_name: 'Front desk' })
  expect(renamed.json().data.number_details.friendly_name).toBe('Front desk')
  const shown = (await owned()).find((one) => one.phone_number_sid === sid)
  expect(shown).toMatchObject({ friendly_name: 'Front desk' })
})

test('what cannot be bought is refused with the reason', async () => {
  const cases: [payload: unknown, status: number, code: string][] = [
    [{}, 400, 'missing_field'],
    [{ phone_sid: 'b7142c5ae3b673d944d81c83bda4f5de' }, 404, 'number_not_found'],
    [{ phone_sid: (await owned())[0]?.phone_number_sid }, 409, 'number_owned'],
  ]
  for (const [payload, status, code] of cases)
    expect((await asManager('POST', url, payload)).json()).toMatchObject({ status, code })
  const available = await sidFor('51')
  expect((await asManager('DELETE', url, { phone_sid: available })).json()).toMatchObject({
    status: 409,
    code: 'number_not_owned',
  })
  const nowhere = await asManager('GET', `${url}?country=NP`)
  expect(nowhere.json()).toMatchObject({
    message: 'The carrier sells no numbers in NP.',
    data: { number_lists: [] },
  })
  expect((await asManager('GET', `${url}?country=Atlantis`)).statusCode).toBe(400)
  expect((await asManager('GET', `${url}?capability=pigeon`)).statusCode).toBe(400)
  expect((await offered('')).length).toBeGreaterThan(10)
  expect(
    (await offered('?country=GB&capability=sms')).every((one) => one.phone_number.startsWith('+447')),
  ).toBe(true)
})

test('a number whose price passes the limit of the workspace is not bought', async () => {
  await world.as(world.people.admin, 'PATCH', '/api/settings/', { credit_limit: (await used()) + 49 })
  const sid = await sidFor('52')
  expect((await asManager('POST', url, { phone_sid: sid })).json().code).toBe('no_credit')
  expect(await sold('+14155550152')).toBe(0)
  await world.as(world.people.admin, 'PATCH', '/api/settings/', { credit_limit: null })
  expect((await asManager('POST', url, { phone_sid: sid })).statusCode).toBe(200)
})
