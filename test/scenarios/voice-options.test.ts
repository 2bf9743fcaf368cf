/** Machines, keys and recordings: what the carrier's ledger says was heard, and what became of it here. */
import { afterEach, expect, test } from 'vitest'
import { readCarrierForm } from '../../src/carriers/carrier-form.ts'
import { twilioSignature } from '../../src/carriers/twilio-signature.ts'
import { simulatedAuthToken } from '../../src/config.ts'
import type { VoiceOptions } from '../../src/calls/voice-options.ts'
import { parseFaultSettings } from '../../simulator/fault-settings.ts'
import { ledgerCalls, type LedgerCall } from '../../simulator/ledger-calls.ts'
import { beginCampaign, fictionalNumbers, statuses, type TestRun } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'
import { completed, expectPromiseKept, quiet, verdict } from './verdict.ts'

let world: World
afterEach(() => world.close())

const person = '+12025550100'
const voicemail = '+12025550108'
const pressesOne = '+12025550112'
const optsOut = '+12025550113'
const desk = '+12025550114' // talks for five minutes
const message = 'The clinic is closed on Friday. '.repeat(12)

type Row = { status: string; reason: string | null; answered_by: string | null; pressed: string | null }

async function ran(numbers: readonly string[], voiceOptions: Partial<VoiceOptions>): Promise<TestRun> {
  const run = await beginCampaign(world, numbers, { message, voiceOptions })
  await completed(world, run, 60_000)
  await quiet(world)
  return run
}

async function rowOf(run: TestRun, number: string): Promise<Row | undefined> {
  const [row] = await world.sql<Row[]>`
    select n.status, n.reason, c.answered_by, c.pressed
      from campaign_numbers n join calls c on c.run_id = ${run.runId} and c.number_id = n.id
     where n.campaign_id = ${run.campaignId} and n.e164 = ${number}`
  return row
}

async function ledgerOf(number: string): Promise<LedgerCall[]> {
  return (await ledgerCalls(world.ledgerPath)).filter((call) => call.to === number)
}

async function isListed(number: string): Promise<boolean> {
  const rows = await world.sql`select from do_not_call where number = ${number}`
  return rows.length > 0
}

test('a machine that is to be left hears no more than a moment, a person hears everything', async () => {
  world = await createWorld({ carrier: { speed: 10 } })
  const run = await ran([person, voicemail], { answeringMachine: 'hang_up' })
  expect(await rowOf(run, person)).toMatchObject({ status: 'completed', answered_by: 'human' })
  expect(await rowOf(run, voicemail)).toMatchObject({
    status: 'unanswered',
    reason: 'answering_machine',
    answered_by: 'machine_start',
  })
  const [left] = await ledgerOf(voicemail)
  expect(left).toMatchObject({ reason: 'the account ended the call' })
  expect(left?.heard[0]?.complete).toBe(false)
  await expectPromiseKept(world, [{ run, numbers: [person, voicemail] }])
})

test('a message that is left begins after the beep and is whole', async () => {
  world = await createWorld()
  const run = await ran([person, voicemail], { answeringMachine: 'leave_message' })
  const [left] = await ledgerOf(voicemail)
  expect(left).toMatchObject({ answeredBy: 'machine', detectedAs: 'machine_end_beep' })
  expect(left?.heard).toMatchObject([{ complete: true, from: 8 }])
  expect((await ledgerOf(person))[0]?.heard).toMatchObject([{ complete: true }])
  expect(await rowOf(run, voicemail)).toMatchObject({ status: 'completed', answered_by: 'machine_end_beep' })
  await expectPromiseKept(world, [{ run, numbers: [person, voicemail] }])
})

test('a machine that is treated as answered is only counted', async () => {
  world = await createWorld({ carrier: { speed: 50 } })
  const run = await ran([voicemail], { answeringMachine: 'treat_as_answered' })
  expect(await rowOf(run, voicemail)).toMatchObject({ status: 'completed', answered_by: 'machine_start' })
  expect((await ledgerOf(voicemail))[0]?.heard).toMatchObject([{ complete: true, from: 0 }])
})

test('who presses 9 is on the do-not-call list before the answer is heard, and is never called again', async () => {
  world = await createWorld()
  const run = await ran([person, pressesOne, optsOut], { keys: {} })
  expect(await rowOf(run, optsOut)).toMatchObject({ status: 'completed', pressed: '9' })
  expect(await rowOf(run, pressesOne)).toMatchObject({ status: 'completed', pressed: '1' })
  expect(await rowOf(run, person)).toMatchObject({ status: 'completed', pressed: null })
  expect(await isListed(optsOut)).toBe(true)
  expect(await isListed(pressesOne)).toBe(false)
  const [said] = (await ledgerOf(optsOut)).flatMap((call) => call.heard.slice(1))
  expect(said?.text).toContain('not be called again')
  const again = await ran([person, pressesOne, optsOut], { keys: {} })
  expect(await statuses(world.sql, again.campaignId)).toEqual({ completed: 2, skipped: 1 })
  expect(await ledgerOf(optsOut)).toHaveLength(1)
})

test('a key that leads to a number joins it once, whatever is repeated', async () => {
  world = await createWorld({
    carrier: { faults: parseFaultSettings({ percent: { 'callbacks-doubled': 100 } }) },
  })
  const keys = { '1': { label: 'Talk to us', to: desk, agentId: null } }
  const run = await ran([person, pressesOne], { keys })
  const [joined, ...more] = await ledgerOf(desk)
  expect(more).toEqual([])
  const [first] = await ledgerOf(pressesOne)
  expect(joined).toMatchObject({ parentSid: first?.sid, status: 'completed' })
  const [leg] = await world.sql<{ state: string; duration: number; parent: string }[]>`
    select l.state, l.duration, p.to_number as parent from calls l join calls p on p.id = l.parent_id`
  expect(leg).toMatchObject({ state: 'completed', parent: pressesOne })
  expect(leg?.duration).toBeGreaterThanOrEqual(300)
  const { findings } = await verdict(world, [{ run, numbers: [person, pressesOne] }])
  expect(findings).toEqual([])
})

test('who is led to somebody who cannot be reached is told so, and nobody is rung', async () => {
  world = await createWorld()
  await world.sql`
    insert into do_not_call (workspace_id, number, created_at) values (${world.workspaceId}, ${desk}, now())`
  const keys = { '1': { label: '', to: desk, agentId: null } }
  await ran([pressesOne], { keys })
  expect(await ledgerOf(desk)).toEqual([])
  const [call] = await ledgerOf(pressesOne)
  expect(call?.heard.at(-1)?.text).toContain('Nobody is free')
})

test('a recording is kept with its call, or found when the webhook about it was lost', async () => {
  world = await createWorld()
  await ran([person, '+12025550102'], { record: true })
  const recordings = () =>
    world.sql<{ recording: { sid: string; seconds: number } | null }[]>`
      select recording from calls order by to_number`
  await eventually('it is known', async () => (await recordings())[0]?.recording !== null)
  const [answered, unanswered] = await recordings()
  const [call] = await ledgerOf(person)
  expect(answered?.recording?.seconds).toBe(call?.durationSeconds)
  expect(unanswered?.recording).toBeNull()
  expect(await world.carrier.findRecordings(call?.sid ?? '')).toEqual([
    { sid: answered?.recording?.sid, seconds: call?.durationSeconds },
  ])
})

test('the webhooks about keys, machines and recordings change nothing unsigned, and nothing twice', async () => {
  world = await createWorld()
  await ran([person], { keys: {} })
  const [call] = await world.sql<{ id: string; sid: string }[]>`select id, carrier_sid as sid from calls`
  const reference = world.references.encode({ workspaceId: world.workspaceId, callId: call?.id ?? '' })
  const known = () => world.sql`
    select c.pressed, c.answered_by, c.recording, c.state, (select count(*)::int from do_not_call) as listed from calls c`
  const send = async (about: string, fields: Record<string, string>, token: string) => {
    const url = `${world.origin}/hooks/voice/${reference}/${about}`
    const body = new URLSearchParams({ CallSid: call?.sid ?? '', ...fields }).toString()
    const signature = twilioSignature(token, url, readCarrierForm(body))
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    }
    return (await fetch(url, { method: 'POST', headers, body })).status
  }
  const recording = {
    RecordingSid: `RE${'0'.repeat(32)}`,
    RecordingStatus: 'completed',
    RecordingDuration: '7',
  }
  const told: [string, Record<string, string>][] = [
    ['gather', { Digits: '9' }],
    ['amd?machine=hang_up', { AnsweredBy: 'machine_start' }],
    ['recording', recording],
  ]
  const before = await known()
  for (const [about, fields] of told) expect(await send(about, fields, 'another token')).toBe(403)
  expect(await known()).toEqual(before)
  for (let turn = 0; turn < 3; turn += 1)
    for (const [about, fields] of told)
      expect(await send(about, fields, simulatedAuthToken)).toBeLessThan(300)
  expect(await known()).toEqual([
    {
      pressed: '9',
      answered_by: 'machine_start',
      recording: { sid: recording.RecordingSid, seconds: 7, deleted: false },
      state: 'completed',
      listed: 1,
    },
  ])
  expect(await send('gather', { Digits: 'x' }, simulatedAuthToken)).toBe(400)
  const kept = await world.sql`
    select kind, detail->'ignored' is not null as ignored from call_events where kind in ('pressed', 'answered_by', 'recorded')`
  expect(kept.filter((entry) => !entry['ignored'])).toHaveLength(3)
})

test('keys, machines and recordings survive every callback lost, doubled and out of order', async () => {
  world = await createWorld({
    carrier: {
      profile: 'default',
      faults: parseFaultSettings({
        percent: { 'callbacks-lost': 10, 'callbacks-doubled': 20, 'callbacks-shuffled': 20 },
      }),
    },
  })
  const numbers = fictionalNumbers(120)
  const run = await beginCampaign(world, numbers, {
    message,
    voiceOptions: { answeringMachine: 'leave_message', keys: {}, record: true },
  })
  await completed(world, run, 90_000)
  await expectPromiseKept(world, [{ run, numbers }])
  const pressed = await world.sql<{ to: string; pressed: string }[]>`
    select to_number as to, pressed from calls where pressed is not null order by 1`
  const truth = (await ledgerCalls(world.ledgerPath)).filter((call) => call.pressed !== '')
  expect(pressed.map((row) => `${row.to} ${row.pressed}`)).toEqual(
    truth.map((call) => `${call.to} ${call.pressed}`).sort(),
  )
  for (const { to, pressed: keys } of pressed) expect(await isListed(to)).toBe(keys.includes('9'))
})
