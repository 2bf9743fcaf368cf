import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CALLBACK_EVENTS } from './call.ts'
import { description, first, operation, strangeMembers, violations } from './conformance.fixture.ts'
import {
  ACCOUNT_SID,
  allEnded,
  openWorld,
  until,
  type ApiReply,
  type Form,
  type World,
} from './test-world.ts'

const ACCOUNT = `/2010-04-01/Accounts/${ACCOUNT_SID}`

let world: World
beforeAll(async () => {
  world = await openWorld({ speed: 200, verifiedNumbers: ['+14155550177'] })
})
afterAll(() => world.close())

describe('answers conform to the published description', () => {
  it.each([
    ['00', {}],
    ['02', { Timeout: '5' }],
    ['03', {}],
    ['08', { MachineDetection: 'Enable' }],
  ] as [string, Form][])('at every moment in the life of a call to %s', async (digits, form) => {
    const created = await world.call(`+120255501${digits}`, form)
    expect(violations('createCall', created)).toEqual([])
    expect(strangeMembers('api.v2010.account.call', created.body)).toEqual([])
    const seen = new Set<unknown>()
    await until('the call has ended', async () => {
      const fetched = await world.api(String(created.body['uri']))
      expect(violations('fetchCall', fetched)).toEqual([])
      seen.add(fetched.body['status'])
      return fetched.body['end_time'] !== null
    })
    const statuses = await world.api(`${ACCOUNT}/Calls.json?To=%2B120255501${digits}`)
    expect(violations('listCall', statuses)).toEqual([])
    expect(strangeMembers('api.v2010.account.call', first(statuses, 'calls'))).toEqual([])
  })

  it('for a call that another one dialed', async () => {
    const Twiml = '<Response><Dial>+12025550103</Dial></Response>'
    const { body } = await world.call('+12025550100', { Twiml })
    await allEnded(world)
    const listed = await world.api(`${ACCOUNT}/Calls.json?ParentCallSid=${String(body['sid'])}`)
    expect(violations('listCall', listed)).toEqual([])
    const child = first(listed, 'calls')
    expect(strangeMembers('api.v2010.account.call', child)).toEqual([])
    const fetched = await world.api((child as { uri: string }).uri)
    expect(violations('fetchCall', fetched)).toEqual([])
    expect(fetched.body).toMatchObject({ parent_call_sid: body['sid'], status: 'busy' })
  })

  it('when a call is updated', async () => {
    const created = await world.call('+12025550114')
    const updated = await world.api(String(created.body['uri']), { form: { Status: 'completed' } })
    expect(violations('updateCall', updated)).toEqual([])
    await allEnded(world)
  })

  it('for pages in the middle', async () => {
    for (let index = 0; index < 3; index += 1) await world.call('+12025550103')
    const answer = await world.api(`${ACCOUNT}/Calls.json?PageSize=1&Page=1`)
    expect(violations('listCall', answer)).toEqual([])
    expect(Object.keys(answer.body).toSorted()).toEqual(
      Object.keys(operation('listCall').answer.properties ?? {}).toSorted(),
    )
  })

  it('for the account and its numbers', async () => {
    const owned = await world.api(`${ACCOUNT}/IncomingPhoneNumbers.json`)
    const verified = await world.api(`${ACCOUNT}/OutgoingCallerIds.json`)
    const account = await world.api(`${ACCOUNT}.json`)
    expect(violations('listIncomingPhoneNumber', owned)).toEqual([])
    expect(violations('listOutgoingCallerId', verified)).toEqual([])
    expect(violations('fetchAccount', account)).toEqual([])
    expect(
      strangeMembers('api.v2010.account.incoming_phone_number', first(owned, 'incoming_phone_numbers')),
    ).toEqual([])
    expect(
      strangeMembers('api.v2010.account.outgoing_caller_id', first(verified, 'outgoing_caller_ids')),
    ).toEqual([])
    expect(strangeMembers('api.v2010.account', account.body)).toEqual([])
  })
})

describe('numbers conform to the published description', () => {
  it('for what is for sale', async () => {
    const sold = await world.api(`${ACCOUNT}/AvailablePhoneNumbers.json`)
    expect(violations('listAvailablePhoneNumberCountry', sold)).toEqual([])
    for (const [kind, country] of Object.entries({ Local: 'US', Mobile: 'GB', TollFree: 'US' })) {
      const list = await world.api(`${ACCOUNT}/AvailablePhoneNumbers/${country}/${kind}.json?PageSize=3`)
      expect(violations(`listAvailablePhoneNumber${kind}`, list)).toEqual([])
      const name = kind.replace(/(?<=l)F/, '_F').toLowerCase()
      const schema = `api.v2010.account.available_phone_number_country.available_phone_number_${name}`
      expect(strangeMembers(schema, first(list, 'available_phone_numbers'))).toEqual([])
    }
  })

  it('from buying to releasing', async () => {
    const form = { PhoneNumber: '+12125550150' }
    const bought = await world.api(`${ACCOUNT}/IncomingPhoneNumbers.json`, { form })
    expect(violations('createIncomingPhoneNumber', bought)).toEqual([])
    expect(strangeMembers('api.v2010.account.incoming_phone_number', bought.body)).toEqual([])
    const uri = String(bought.body['uri'])
    expect(violations('fetchIncomingPhoneNumber', await world.api(uri))).toEqual([])
    const renamed = await world.api(uri, { form: { FriendlyName: 'Back office' } })
    expect(violations('updateIncomingPhoneNumber', renamed)).toEqual([])
    expect(renamed.body['friendly_name']).toBe('Back office')
    expect((await world.api(uri, { method: 'DELETE' })).statusCode).toBe(204)
    expect((await world.api(uri)).statusCode).toBe(404)
  })
})

describe('requests conform to the published description', () => {
  it('every parameter that has a fixed choice of values may be sent with each of them', async () => {
    const properties = operation('createCall').form?.properties ?? {}
    expect(operation('createCall').form?.required?.toSorted()).toEqual(['From', 'To'])
    for (const [name, schema] of Object.entries(properties)) {
      for (const value of schema.enum ?? []) {
        expect((await world.call('+12025550103', { [name]: value })).statusCode).toBe(201)
      }
    }
    await allEnded(world)
  })

  it('what the simulated carrier reads has the names of the description', () => {
    const source = [
      'call-request.ts',
      'update-call.ts',
      'call-list.ts',
      'conference-resource.ts',
      'paging.ts',
      'api-routes.ts',
      'number-routes.ts',
    ]
      .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
      .join('\n')
    const read = [...source.matchAll(/(?:text|methodOf|timeFilter)\(\w+, [`'](\w+)/g)].map(
      (match) => match[1] ?? '',
    )
    const known = new Set(
      Object.values(description.operations).flatMap((served) => [
        ...Object.keys(served.query),
        ...Object.keys(served.form?.properties ?? {}),
      ]),
    )
    expect(read.length).toBeGreaterThan(15)
    expect(read.filter((name) => !known.has(name))).toEqual([])
  })

  it('the events of a call are asked for by repeating the parameter, as its style says', async () => {
    expect(operation('createCall').form?.properties['StatusCallbackEvent']?.type).toBe('array')
    const { body } = await world.call('+12025550100', { StatusCallbackEvent: [...CALLBACK_EVENTS] })
    await until(
      'all events came',
      () => world.callbacks(String(body['sid'])).length === CALLBACK_EVENTS.length,
    )
  })

  it('a list may be asked with every filter of the description', async () => {
    const samples: Record<string, string> = {
      To: '+12025550100',
      From: '+18005550100',
      ParentCallSid: `CA${'0'.repeat(32)}`,
      Status: 'completed',
      PageSize: '10',
      Page: '0',
      PageToken: `PACA${'0'.repeat(32)}`,
    }
    for (const name of Object.keys(operation('listCall').query)) {
      const query = new URLSearchParams({ [name]: samples[name] ?? '2026-11-20' })
      expect(violations('listCall', await world.api(`${ACCOUNT}/Calls.json?${query.toString()}`))).toEqual([])
    }
  })
})

function send(to: string, form: Form = {}): Promise<ApiReply> {
  const whole = { To: to, From: world.carrier.defaultNumber, Body: 'Good morning', ...form }
  return world.api(`${ACCOUNT}/Messages.json`, { form: whole })
}

describe('texts', () => {
  it.each(['30', '31', '32', '33', '34'])(
    'conform at every moment in the life of one to %s',
    async (digits) => {
      const created = await send(`+120255501${digits}`)
      expect(violations('createMessage', created)).toEqual([])
      expect(strangeMembers('api.v2010.account.message', created.body)).toEqual([])
      const seen = new Set<unknown>()
      await until('the text has come to its end', async () => {
        const fetched = await world.api(String(created.body['uri']))
        expect(violations('fetchMessage', fetched)).toEqual([])
        seen.add(fetched.body['status'])
        return seen.has('delivered') || seen.has('undelivered')
      })
      expect(seen.has('delivered')).toBe(digits === '30' || digits === '34')
      const listed = await world.api(`${ACCOUNT}/Messages.json?To=%2B120255501${digits}`)
      expect(violations('listMessage', listed)).toEqual([])
      expect(first(listed, 'messages')).toMatchObject({ body: 'Good morning', sid: created.body['sid'] })
    },
  )

  it('are refused as the carrier refuses them', async () => {
    expect((await send('')).body).toMatchObject({ code: 21604 })
    expect((await send('12')).body).toMatchObject({ code: 21211 })
    expect((await send('+12025550130', { From: '+14155550177' })).body).toMatchObject({ code: 21606 })
    expect((await send('+12025550130', { Body: '' })).body).toMatchObject({ code: 21602 })
    expect((await send('+12025550130', { Body: 'x'.repeat(1601) })).body).toMatchObject({ code: 21617 })
  })

  it('may be listed with every filter of the description', async () => {
    const samples: Record<string, string> = {
      To: '+12025550130',
      From: '+18005550100',
      PageSize: '10',
      Page: '0',
    }
    for (const name of Object.keys(operation('listMessage').query)) {
      const query = new URLSearchParams({ [name]: samples[name] ?? '2026-11-20' })
      expect(
        violations('listMessage', await world.api(`${ACCOUNT}/Messages.json?${query.toString()}`)),
      ).toEqual([])
    }
  })
})
