import twilio from 'twilio'
import { afterEach, expect, it } from 'vitest'
import { ledgerCalls } from './ledger-calls.ts'
import { ACCOUNT_SID, allEnded, AUTH_TOKEN, openWorld, until, type World } from './test-world.ts'

const CONFERENCES = `/2010-04-01/Accounts/${ACCOUNT_SID}/Conferences.json`

let world: World
afterEach(() => world.close())

/** Calls somebody and takes them to the room. */
async function enter(to: string, attributes = '', dial = ''): Promise<string> {
  const report = `statusCallback="${world.server}/room" statusCallbackEvent="start end join leave"`
  const noun = `<Conference ${report} endConferenceOnExit="true" ${attributes}>Room</Conference>`
  const Twiml = `<Response><Say>Welcome.</Say><Dial ${dial}>${noun}</Dial><Say>Goodbye.</Say></Response>`
  return String((await world.call(to, { Twiml })).body['sid'])
}

async function conference(): Promise<Record<string, unknown>> {
  const { body } = await world.api(CONFERENCES)
  return (body['conferences'] as Record<string, unknown>[])[0] ?? {}
}

const told = () => world.received.filter((entry) => entry.path === '/room')
const events = () => told().map(({ form }) => form['StatusCallbackEvent'])
/** Signed requests may overtake each other on the way; their numbers say the order. */
const inOrder = () =>
  told()
    .toSorted((a, b) => Number(a.form['SequenceNumber']) - Number(b.form['SequenceNumber']))
    .map(({ form }) => form['StatusCallbackEvent'])

it('two calls are joined, talk, and when one hangs up the other goes on with its instructions', async () => {
  world = await openWorld()
  const first = await enter('+12025550114', 'participantLabel="hero"')
  await until('the first is there', () => events().length > 0)
  expect(await conference()).toMatchObject({ status: 'init', friendly_name: 'Room' })
  const second = await enter('+12025550100')
  await allEnded(world)
  await until('the end was told', () => events().includes('conference-end'))
  await until('all was told', () => events().length === 6)
  expect(inOrder()).toEqual([
    'participant-join',
    'participant-join',
    'conference-start',
    'participant-leave',
    'participant-leave',
    'conference-end',
  ])
  for (const { form, headers, path } of told()) {
    const signature = twilio.getExpectedTwilioSignature(AUTH_TOKEN, world.server + path, form)
    expect(headers['x-twilio-signature']).toBe(signature)
  }
  const joins = told().filter(({ form }) => form['StatusCallbackEvent'] === 'participant-join')
  expect(joins.map(({ form }) => [form['CallSid'], form['ParticipantLabel']])).toEqual([
    [first, 'hero'],
    [second, undefined],
  ])
  // The second talked for thirty seconds after its welcome, and then hung up.
  const [hero, user] = await ledgerCalls(world.ledgerPath)
  expect(user).toMatchObject({ reason: 'the called person hung up', durationSeconds: 31 })
  expect(hero?.heard.map(({ text }) => text)).toEqual(['Welcome.', 'Goodbye.'])
})

it('who is alone waits, for as long as the time limit of the dial says', async () => {
  world = await openWorld()
  await enter('+12025550100', '', 'timeLimit="90"')
  await allEnded(world)
  const [call] = await ledgerCalls(world.ledgerPath)
  expect(call?.durationSeconds).toBe(92)
  await until('the end was told', () => events().includes('conference-end'))
  expect(events()).not.toContain('conference-start')
})

it('a time limit ends the conference for both', async () => {
  world = await openWorld()
  await enter('+12025550100', '', 'timeLimit="60"')
  await until('the first is there', () => events().length > 0)
  await enter('+12025550100', '', 'timeLimit="10"')
  await allEnded(world)
  const [, second] = await ledgerCalls(world.ledgerPath)
  expect(second?.durationSeconds).toBe(12)
  await until('the end was told', () => events().includes('conference-end'))
})

it('a call that the account ends has left', async () => {
  world = await openWorld({ speed: 10 })
  const sid = await enter('+12025550114')
  await until('it is there', () => events().length > 0)
  await world.api(`${CONFERENCES.replace('Conferences', `Calls/${sid}`)}`, { form: { Status: 'completed' } })
  await until('its leaving was told', () => events().includes('conference-end'))
  expect(await conference()).toMatchObject({ status: 'completed', call_sid_ending_conference: sid })
})

it('a carrier that starts anew has the same two in the same room, and nobody joins twice', async () => {
  world = await openWorld({ speed: 20 })
  const first = await enter('+12025550114')
  await until('the first is there', () => events().length > 0)
  const second = await enter('+12025550114')
  await until('they talk', () => events().includes('conference-start'))
  const before = await conference()
  await world.restart()
  expect(await conference()).toMatchObject({ sid: before['sid'], status: 'in-progress' })
  const { body } = await world.api(
    String((before['subresource_uris'] as Record<string, string>)['participants']),
  )
  expect((body['participants'] as { call_sid: string }[]).map((one) => one.call_sid)).toEqual([second, first])
  await world.restart({ speed: 1_000 })
  await allEnded(world)
  await until('all was told', () => events().includes('conference-end') && events().length === 6)
  expect(inOrder().filter((event) => event === 'participant-join')).toHaveLength(2)
})
