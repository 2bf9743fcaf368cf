/** What phones really hear of a spoken campaign, by the carrier's ledger. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Readable } from 'node:stream'
import { ledgerCalls } from '../../simulator/ledger-calls.ts'
import { insertWaitingCall, wakeDialers } from '../../src/calls/new-call-store.ts'
import { transaction } from '../../src/db/sql.ts'
import { uuidV7 } from '../../src/random.ts'
import { storeFile } from '../../src/speech/audio-store.ts'
import { createEmbeddedSpeech } from '../../src/speech/embedded-speech.ts'
import { SpeechLoop } from '../../src/speech/speech-loop.ts'
import { SpeechAway, voices, type Speech } from '../../src/speech/speech.ts'
import { fromMuLaw } from '../../src/speech/telephone-sound.ts'
import { silentLog } from '../../src/log.ts'
import { beginCampaign, fictionalNumbers, runState, statuses } from '../campaign.ts'
import { createWorld, eventually, type World } from '../world.ts'

const sentence = 'नमस्ते {tags_name}, आईपीओ खुलेको छ। कृपया आजै आवेदन दिनुहोस्। धन्यवाद, फेरि भेटौंला।'
let speech: Speech
let world: World
const loops: SpeechLoop[] = []

beforeAll(() => {
  speech = createEmbeddedSpeech()
})
afterAll(() => speech.stop())
afterEach(async () => {
  for (const loop of loops.splice(0)) await loop.stop()
  await world.close()
})

async function startSpeaking(by: Speech = speech): Promise<SpeechLoop> {
  const loop = new SpeechLoop({
    sql: world.sql,
    log: silentLog,
    speech: by,
    spoken: async () => world.dialer.loop.wake(),
  })
  loops.push(loop)
  await loop.start()
  return loop
}

const completed = (runId: number) =>
  eventually('the run is completed', async () => (await runState(world.sql, runId)) === 'completed', 90_000)

test('every voice really speaks, and each differently', async () => {
  world = await createWorld({ dialing: false })
  const sounds = []
  for (const { name, language } of voices) {
    const text = language === 'ne-NP' ? 'नमस्ते, आईपीओ खुलेको छ।' : 'Good morning, the offer is open.'
    sounds.push(await speech.speak(text, name))
  }
  for (const sound of sounds) {
    expect(sound.length / 8_000).toBeGreaterThan(1)
    const power = sound.reduce((sum, byte) => sum + fromMuLaw(byte) ** 2, 0) / sound.length
    expect(Math.sqrt(power)).toBeGreaterThan(0.02)
  }
  expect(new Set(sounds.map((sound) => sound.toString('base64'))).size).toBe(sounds.length)
})

test('each phone hears its own sound, whole; who hangs up is told apart by how much was heard', async () => {
  world = await createWorld()
  await startSpeaking()
  const numbers = [...fictionalNumbers(6), '+12025550107']
  const run = await beginCampaign(world, numbers, {
    message: sentence,
    voice: 'np_prasanna',
    tags: { tags_name: 'सीता' },
  })
  await completed(run.runId)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 6, hungup: 1 })
  const ledger = await ledgerCalls(world.ledgerPath)
  const lengths = new Set<number>()
  for (const call of ledger) {
    expect(call.heard).toHaveLength(1)
    const [heard] = call.heard
    expect(heard?.url).toMatch(/\/audio\/[\w-]{40,}\.wav$/)
    expect(heard?.complete).toBe(call.to !== '+12025550107')
    if (heard?.complete) lengths.add(heard.seconds)
  }
  // Everybody has the same name here, so everybody hears the same sound.
  expect(new Set(ledger.map((call) => call.heard[0]?.url)).size).toBe(1)
  expect(lengths.size).toBe(1)
  const [length = 0] = lengths
  expect(length).toBeGreaterThan(3)
  const rows = await world.sql<{ e164: string; playback: number; status: string }[]>`
    select e164, playback, status from campaign_numbers where campaign_id = ${run.campaignId}`
  for (const row of rows) {
    const seconds = row.status === 'completed' ? length : length / 2
    expect(Math.abs(row.playback - seconds)).toBeLessThanOrEqual(1)
  }
  // Three pieces, spoken once each: what stands before the name, the name, and what stands behind it.
  const [spoken] = await world.sql<{ count: number }[]>`select count(*)::int as count from audio`
  expect(spoken?.count).toBe(3)
})

test('nobody is dialed before what they will hear is spoken, and the reason is told meanwhile', async () => {
  world = await createWorld()
  const run = await beginCampaign(world, fictionalNumbers(5), { message: 'Hello there.', voice: 'en_emma' })
  await eventually('somebody waits for the sound', async () => {
    const rows = await world.sql`
      select 1 from campaign_numbers where campaign_id = ${run.campaignId} and reason = 'audio_not_ready'`
    return rows.length === 5
  })
  expect(await ledgerCalls(world.ledgerPath)).toEqual([])
  await startSpeaking()
  await completed(run.runId)
  expect(await statuses(world.sql, run.campaignId)).toEqual({ completed: 5 })
})

test('a message that no voice can speak is set aside with that reason, and the run ends', async () => {
  world = await createWorld()
  const mute: Speech = {
    speak: async () => Promise.reject(new SpeechAway('lost its voice')),
    problem: () => null,
    stop: async () => {},
  }
  const run = await beginCampaign(world, fictionalNumbers(3), { message: 'Hello.', voice: 'en_emma' })
  const loop = await startSpeaking(mute)
  await eventually('it was tried three times', async () => {
    await world.sql`update audio set tried_at = null where state = 'wanted'`
    await loop.runOnce()
    const rows = await world.sql`select 1 from audio where state = 'failed'`
    return rows.length === 1
  })
  await completed(run.runId)
  const rows =
    await world.sql`select distinct status, reason from campaign_numbers where campaign_id = ${run.campaignId}`
  expect(rows).toEqual([{ status: 'skipped', reason: 'speech_failed' }])
})

test('a single call plays its sound, after the message if there is one', async () => {
  world = await createWorld()
  const { sql, clock, workspaceId } = world
  const now = clock.now()
  const content = Readable.from([await speech.speak('Good morning.', 'en_emma')])
  const sound = await storeFile(sql, { workspaceId, name: 'hello', createdBy: null }, content, now)
  const seconds = Math.ceil(sound.durationMs / 1_000)
  const ids = [uuidV7(now.getTime()), uuidV7(now.getTime())]
  await transaction(sql, async (tx) => {
    for (const [index, to] of fictionalNumbers(2).entries()) {
      const call = {
        to,
        from: world.phones.defaultNumber,
        customerName: null,
        agentId: null,
        message: index === 0 ? null : 'This is for you.',
        voice: null,
        messageSeconds: seconds,
        dueAt: now,
        scheduledFor: null,
      }
      const { carrierAccountId } = world.dialer
      const birth = { workspaceId, id: ids[index] ?? '', carrierAccountId, createdBy: null, now, join: null }
      await insertWaitingCall(tx, call, { ...birth, audioId: sound.id })
    }
    await tx`
      insert into totals (workspace_id, campaign_id, subject, state, count) values (${workspaceId}, 0, 'call', 'queued', 2)`
    await wakeDialers(tx)
  })
  await eventually('both are over', async () => {
    return (await sql`select from calls where state = 'completed' and heard`).length === 2
  })
  const heard = (await ledgerCalls(world.ledgerPath)).map((call) => call.heard)
  const [alone, behind] = heard.toSorted((one, other) => one.length - other.length)
  expect(alone).toMatchObject([{ complete: true }])
  expect(alone?.[0]?.url).toMatch(/\/audio\/[\w-]{40,}\.wav$/)
  expect(Math.abs((alone?.[0]?.seconds ?? 0) - sound.durationMs / 1_000)).toBeLessThan(1)
  expect(behind).toMatchObject([{ complete: true }, { complete: true, url: expect.stringMatching(/\.wav$/) }])
})
