import twilio from 'twilio'
import { afterEach, describe, expect, it } from 'vitest'
import { ledgerCalls } from './ledger-calls.ts'
import {
  ACCOUNT_SID,
  allEnded,
  AUTH_TOKEN,
  openWorld,
  until,
  type Received,
  type World,
} from './test-world.ts'
import { parseTwiml } from './twiml.ts'

const agent = '+13125550142'
const CALLS = `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls.json`

let world: World
afterEach(() => world.close())

/** Dials `number` from the agent's call, and waits until nobody talks any more. */
async function dial(number: string, attributes = ''): Promise<string> {
  const { body } = await begin(number, attributes)
  await allEnded(world)
  return String(body['sid'])
}

function begin(number: string, attributes = '') {
  const reports = `statusCallback="${world.server}/leg" statusCallbackEvent="initiated ringing answered completed"`
  const verb = `<Dial action="${world.server}/after" ${attributes}><Number ${reports}>${number}</Number></Dial>`
  world.reply = ({ path }) =>
    path === '/after' ? { statusCode: 200, body: '<Response><Hangup/></Response>' } : { statusCode: 204 }
  return world.call(agent, { Twiml: `<Response>${verb}<Say>Never said.</Say></Response>` })
}

function requestsTo(path: string): Received[] {
  return world.received.filter((entry) => entry.path === path)
}

function sequenceOf({ form }: Received): number {
  return Number(form['SequenceNumber'])
}

async function childOf(sid: string): Promise<Record<string, unknown>> {
  const { body } = await world.api(`${CALLS}?ParentCallSid=${sid}`)
  const [child = {}] = body['calls'] as Record<string, unknown>[]
  return child
}

describe('a dialed number', () => {
  it('is a call of its own, that names its parent in every request and in the list', async () => {
    world = await openWorld()
    const sid = await dial('+12025550100')
    await until('its end was reported', () => requestsTo('/leg').length === 4)
    // Each on a connection of its own: they are numbered because they may overtake each other.
    const legs = requestsTo('/leg').toSorted((a, b) => sequenceOf(a) - sequenceOf(b))
    expect(legs.map(({ form }) => form['CallStatus'])).toEqual([
      'initiated',
      'ringing',
      'in-progress',
      'completed',
    ])
    for (const { form, headers, path } of legs) {
      expect(form).toMatchObject({ ParentCallSid: sid, Direction: 'outbound-dial', To: '+12025550100' })
      const expected = twilio.getExpectedTwilioSignature(AUTH_TOKEN, world.server + path, form)
      expect(headers['x-twilio-signature']).toBe(expected)
    }
    const child = await childOf(sid)
    expect(child).toMatchObject({
      sid: legs[0]?.form['CallSid'],
      parent_call_sid: sid,
      direction: 'outbound-dial',
      from: world.carrier.defaultNumber,
      status: 'completed',
      duration: '30',
    })
    const ledger = await ledgerCalls(world.ledgerPath)
    expect(ledger.map(({ to, parentSid }) => [to, parentSid])).toEqual([
      [agent, null],
      ['+12025550100', sid],
    ])
  })

  it('and then the call that dialed it asks what to do, saying how it went', async () => {
    world = await openWorld()
    const sid = await dial('+12025550100')
    const [after] = requestsTo('/after')
    expect(requestsTo('/after')).toHaveLength(1)
    const { sid: child } = await childOf(sid)
    expect(after?.form).toMatchObject({
      CallSid: sid,
      CallStatus: 'in-progress',
      DialCallSid: child,
      DialCallStatus: 'completed',
      DialCallDuration: '30',
      DialBridged: 'true',
    })
    // Dialing and ringing take six seconds of the parent's time as well.
    const parent = await world.api(`${CALLS.replace('.json', '')}/${sid}.json`)
    expect(parent.body['duration']).toBe('36')
    expect((await ledgerCalls(world.ledgerPath))[0]?.heard).toEqual([])
  })

  it.each([
    ['02', 'timeout="5"', 'no-answer'],
    ['03', '', 'busy'],
    ['04', '', 'failed'],
  ])('+120255501%s is said to be %s', async (digits, attributes, status) => {
    world = await openWorld()
    await dial(`+120255501${digits}`, attributes)
    expect(requestsTo('/after').map(({ form }) => form['DialCallStatus'])).toEqual([status])
    expect(requestsTo('/after')[0]?.form['DialCallDuration']).toBeUndefined()
  })

  it('shows a number that the account may use, or is not rung at all', async () => {
    world = await openWorld()
    await dial('+12025550100', 'callerId="+15005550000"')
    expect(requestsTo('/after')[0]?.form).toMatchObject({ DialCallStatus: 'failed' })
    expect(await ledgerCalls(world.ledgerPath)).toHaveLength(1)
  })

  it('stops ringing, or loses the line, when the call that dialed it ends', async () => {
    world = await openWorld({ speed: 10 })
    const ringing = await begin('+12025550109')
    const sid = String(ringing.body['sid'])
    await until('it rings', async () => (await childOf(sid))['status'] === 'ringing')
    await world.api(String(ringing.body['uri']), { form: { Status: 'completed' } })
    expect(await childOf(sid)).toMatchObject({ status: 'canceled', duration: '0' })

    const talking = await begin('+12025550114')
    const other = String(talking.body['sid'])
    await until('they talk', async () => (await childOf(other))['status'] === 'in-progress')
    await world.api(String(talking.body['uri']), { form: { Status: 'completed' } })
    expect(await childOf(other)).toMatchObject({ status: 'completed' })
    expect(requestsTo('/after')).toEqual([])
  })

  it('can be hung up by itself, and the call that dialed it goes on', async () => {
    world = await openWorld({ speed: 10 })
    const { body } = await begin('+12025550114')
    const sid = String(body['sid'])
    await until('they talk', async () => (await childOf(sid))['status'] === 'in-progress')
    await world.api(String((await childOf(sid))['uri']), { form: { Status: 'completed' } })
    await allEnded(world)
    expect(requestsTo('/after').map(({ form }) => form['DialCallStatus'])).toEqual(['completed'])
  })

  it('is neither forgotten nor rung again when the carrier starts anew', async () => {
    world = await openWorld({ speed: 20 })
    const { body } = await begin('+12025550114')
    const sid = String(body['sid'])
    await until('they talk', async () => (await childOf(sid))['status'] === 'in-progress')
    await world.restart({ speed: 1_000 })
    await allEnded(world)
    const calls = await ledgerCalls(world.ledgerPath)
    expect(calls.map(({ to, status }) => [to, status])).toEqual([
      [agent, 'completed'],
      ['+12025550114', 'completed'],
    ])
    await until('what comes next was asked for', () => requestsTo('/after').length === 1)
    expect(requestsTo('/after')[0]?.form['DialCallStatus']).toBe('completed')
  })
})

const read = (document: string) => parseTwiml(`<Response>${document}</Response>`)

it('a dial is read with the number in its text or in an element of its own', () => {
  expect(read('<Dial>+1 202 555-0100</Dial>')).toMatchObject({
    verbs: [{ verb: 'Dial', number: '+12025550100', callerId: null, ringTimeoutSeconds: 30, action: '' }],
  })
  expect(
    read('<Dial timeout="9"><Number statusCallback="http://a/b">+12025550100</Number></Dial>'),
  ).toMatchObject({
    verbs: [{ number: '+12025550100', ringTimeoutSeconds: 9, statusCallback: 'http://a/b' }],
  })
})
