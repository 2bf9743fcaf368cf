import { afterEach, describe, expect, it } from 'vitest'
import { ledgerCalls, type LedgerCall } from './ledger-calls.ts'
import { ACCOUNT_SID, allEnded, openWorld, TWIML, until, type Form, type World } from './test-world.ts'

const person = '+12025550100'
const voicemail = '+12025550108'
const ACCOUNT = `/2010-04-01/Accounts/${ACCOUNT_SID}`

let world: World
afterEach(() => world.close())

async function lived(to: string, form: Form): Promise<LedgerCall> {
  const { body } = await world.call(to, form)
  await allEnded(world)
  const call = (await ledgerCalls(world.ledgerPath)).find((one) => one.sid === body['sid'])
  if (call === undefined) throw new Error('the call is not in the ledger')
  return call
}

const amd = () => ({ AsyncAmd: 'true', AsyncAmdStatusCallback: `${world.server}/amd` })
const told = (path: string) => world.received.filter((entry) => entry.path === path)

describe('a detection that the instructions wait for', () => {
  it('lets a machine hear everything after its beep', async () => {
    world = await openWorld()
    const call = await lived(voicemail, { MachineDetection: 'DetectMessageEnd' })
    expect(call).toMatchObject({ answeredBy: 'machine', detectedAs: 'machine_end_beep' })
    expect(call.heard).toMatchObject([{ complete: true, from: 8 }])
  })
  it('lets a person hear everything once it is known to be one, and says so in every later request', async () => {
    world = await openWorld()
    world.reply = ({ path }) => (path === '/say' ? { statusCode: 200, body: TWIML } : { statusCode: 204 })
    const asked = { MachineDetection: 'DetectMessageEnd', Twiml: '', Url: `${world.server}/say` }
    const call = await lived(person, asked)
    expect(call).toMatchObject({ answeredBy: 'human', detectedAs: 'human' })
    expect(call.heard).toMatchObject([{ complete: true, from: 2 }])
    expect(told('/say').map(({ form }) => form['AnsweredBy'])).toEqual(['human'])
    await until('its end was told', () => world.callbacks(call.sid).length === 4)
    const ends = world.callbacks(call.sid).filter(({ form }) => form['CallStatus'] === 'completed')
    expect(ends.map(({ form }) => form['AnsweredBy'])).toEqual(['human'])
  })
  it('gives up after its timeout', async () => {
    world = await openWorld()
    const asked = { MachineDetection: 'DetectMessageEnd', MachineDetectionTimeout: '5' }
    expect(await lived(voicemail, asked)).toMatchObject({ detectedAs: 'unknown' })
  })
  it('is made once, however often the carrier starts again', async () => {
    world = await openWorld({ speed: 4 })
    const { body } = await world.call(voicemail, { MachineDetection: 'DetectMessageEnd' })
    const state = async () => (await ledgerCalls(world.ledgerPath))[0]
    await until('it was detected', async () => (await state())?.detectedAs !== null)
    await world.restart({ speed: 100 })
    await allEnded(world)
    const call = await state()
    expect(call).toMatchObject({ sid: body['sid'], status: 'completed', detectedAs: 'machine_end_beep' })
    expect(call?.heard.at(-1)?.complete).toBe(true)
  })
})

describe('a detection beside the instructions', () => {
  it.each([
    [person, 'Enable', 'human', '2000'],
    [voicemail, 'Enable', 'machine_start', '4000'],
    [voicemail, 'DetectMessageEnd', 'machine_end_beep', '8000'],
  ])('of %s by %s tells %s and holds nothing up', async (to, MachineDetection, by, duration) => {
    world = await openWorld({ speed: 20 })
    const call = await lived(to, { MachineDetection, ...amd(), Twiml: long })
    expect(call.heard[0]?.from).toBe(0)
    await until('it was told', () => told('/amd').length === 1)
    const [news] = told('/amd')
    expect(news?.form).toMatchObject({
      CallSid: call.sid,
      AnsweredBy: by,
      MachineDetectionDuration: duration,
    })
  })
  it('is told nothing of when the call is over before', async () => {
    world = await openWorld()
    const Twiml = '<Response><Hangup/></Response>'
    expect(await lived(voicemail, { MachineDetection: 'Enable', ...amd(), Twiml })).toMatchObject({
      detectedAs: null,
    })
    expect(told('/amd')).toEqual([])
  })
})

it('refuses a detection that it does not know', async () => {
  world = await openWorld()
  expect(await world.call(person, { MachineDetection: 'Perhaps' })).toMatchObject({ statusCode: 400 })
})

const recorded = () => ({ Record: 'true', RecordingStatusCallback: `${world.server}/recording` })
const listOf = async (sid: string) =>
  (await world.api(`${ACCOUNT}/Calls/${sid}/Recordings.json`)).body['recordings'] as {
    sid: string
    duration: string
  }[]

describe('a recording', () => {
  it('is told, listed, played, and gone for good when it was deleted', async () => {
    world = await openWorld()
    const call = await lived(person, recorded())
    await until('it was told', () => told('/recording').length === 1)
    const [one] = await listOf(call.sid)
    expect(told('/recording')[0]?.form).toMatchObject({
      CallSid: call.sid,
      RecordingSid: one?.sid,
      RecordingStatus: 'completed',
      RecordingDuration: String(call.durationSeconds),
    })
    await world.restart()
    expect(await listOf(call.sid)).toMatchObject([{ duration: String(call.durationSeconds) }])
    const address = () => `${world.carrier.url}${ACCOUNT}/Recordings/${one?.sid}`
    const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:test-token`).toString('base64')}`
    const media = await fetch(`${address()}.wav`, { headers: { authorization } })
    expect((await media.arrayBuffer()).byteLength).toBe(44 + 8_000 * (call.durationSeconds ?? 0))
    expect((await fetch(`${address()}.json`, { method: 'DELETE', headers: { authorization } })).status).toBe(
      204,
    )
    await world.restart()
    expect(await listOf(call.sid)).toEqual([])
    expect((await fetch(`${address()}.wav`, { headers: { authorization } })).status).toBe(404)
  })
  it('is made of nobody who did not answer', async () => {
    world = await openWorld()
    const call = await lived('+12025550103', recorded())
    expect(await listOf(call.sid)).toEqual([])
  })
})

const long = `<Response>${'<Say>This message goes on for a while, and then a little longer.</Say>'.repeat(4)}</Response>`
