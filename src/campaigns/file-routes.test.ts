import { beforeAll, expect, test } from 'vitest'
import { muLaw, wavHead } from '../speech/telephone-sound.ts'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''

beforeAll(async () => {
  ;({ token } = await server.addWorkspace())
})

function sound(seconds: number, hertz = 500): Buffer {
  const samples = Array.from({ length: seconds * 8_000 }, (_, index) =>
    muLaw(0.5 * Math.sin((2 * Math.PI * hertz * index) / 8_000)),
  )
  return Buffer.concat([wavHead(samples.length), Buffer.from(samples)])
}

const upload = (value: string | Buffer, filename: string, more: { name: string; value: string }[] = []) =>
  server.sendParts(token, '/api/system/files/', [{ name: 'file', value, filename }, ...more])

async function create(numbers: unknown[] = [9876543210, 98675432123]): Promise<number> {
  const body = { name: 'Sample', services: 'PHONE', individual_number: numbers }
  return (await server.send(token, 'POST', '/api/system/campaigns/', body)).body.data.details.id
}

function begin(id: number, body: object): Promise<Answer> {
  return server.send(token, 'POST', `/api/system/campaigns/${id}/begin/`, body)
}

async function runOf(id: number) {
  const [run] = await server.sql`
    select message, audio_id, priority, spoken_by from runs where campaign_id = ${id} order by id desc limit 1`
  return run
}

test('a sound file is known by its content, kept, listed, shown, heard and deleted', async () => {
  const answer = await upload(sound(3), 'greeting.mp3')
  expect(answer.status).toBe(201)
  const { details } = answer.body.data
  expect(details).toMatchObject({ name: 'greeting.mp3', kind: 'audio', size: 24_000, duration: 3 })
  const heard = await server.app.inject({ url: new URL(details.audio_url).pathname })
  expect(heard.headers['content-type']).toBe('audio/wav')
  expect(heard.rawPayload.equals(sound(3))).toBe(true)
  for (const slash of ['', '/']) {
    const list = await server.send(token, 'GET', `/api/system/files${slash}`)
    expect(list.body.data.files[0]).toMatchObject({ id: details.id, kind: 'audio' })
    const one = await server.send(token, 'GET', `/api/system/files/${details.id}${slash}`)
    expect(one.body.data.details).toMatchObject({ id: details.id, duration: 3 })
  }
  const other = await server.addWorkspace()
  expect((await server.send(other.token, 'GET', `/api/system/files/${details.id}/`)).status).toBe(404)
  expect((await server.send(other.token, 'DELETE', `/api/system/files/${details.id}/`)).status).toBe(404)
  expect((await server.send(token, 'DELETE', `/api/system/files/${details.id}/`)).status).toBe(200)
  expect((await server.send(token, 'GET', `/api/system/files/${details.id}/`)).status).toBe(404)
  expect((await server.app.inject({ url: new URL(details.audio_url).pathname })).statusCode).toBe(200)
})

test('an address that nobody gave out, or that has ended, plays nothing', async () => {
  const { details } = (await upload(sound(1), 'a.wav')).body.data
  const path = new URL(details.audio_url).pathname
  const wrong = path.replace(/.(?=.{6}\.wav)/, (letter) => (letter === 'A' ? 'B' : 'A'))
  expect((await server.app.inject({ url: wrong })).statusCode).toBe(404)
  const name = server.deps.addresses.read(path.slice('/audio/'.length, -4), server.clock.wall())
  const hours = (count: number) => new Date(server.clock.wall().getTime() + count * 3_600_000)
  expect(name).not.toBeNull()
  expect(server.deps.addresses.read(path.slice(7, -4), hours(25))).toEqual(name)
  expect(server.deps.addresses.read(path.slice(7, -4), hours(73))).toBeNull()
})

test('a list of numbers is kept and named by campaigns, in a body of any kind', async () => {
  const kept = await upload('number,name\n9843812344,Sita\n', 'numbers.csv')
  expect(kept.body.data.details).toMatchObject({
    name: 'numbers.csv',
    kind: 'numbers',
    rows: 1,
    usable_tags: ['tags_name'],
  })
  const sample = { name: 'sample bulk campaign', services: 'SMS', send_to_number_file: 'numbers.csv' }
  for (const named of ['numbers.csv', String(kept.body.data.details.id)]) {
    const answer = await server.send(token, 'POST', '/api/system/campaigns', {
      ...sample,
      send_to_number_file: named,
    })
    expect([answer.status, answer.body.data.details.accepted]).toEqual([201, 1])
  }
})

test('a file may be given a name, and a request without one says so', async () => {
  const named = await upload(sound(1), 'x.wav', [{ name: 'name', value: 'Holiday' }])
  expect(named.body.data.details.name).toBe('Holiday')
  const none = await server.sendParts(token, '/api/system/files/', [{ name: 'name', value: 'x' }])
  expect([none.status, none.body.param]).toEqual([400, 'file'])
  const neither = await upload('this is neither', 'x.mp3')
  expect(neither.status).toBe(400)
})

test('a campaign plays an audio by name, by id, and one that comes with the request', async () => {
  const { details } = (await upload(sound(2), 'path/containing/audio.mp3')).body.data
  for (const given of ['path/containing/audio.mp3', details.id, String(details.id)]) {
    for (const member of ['aud_file', 'audio']) {
      const id = await create()
      const answer = await begin(id, { [member]: given })
      expect([answer.status, answer.body.message]).toEqual([200, 'Campaign is running'])
      expect(await runOf(id)).toMatchObject({ message: '', audio_id: details.id, priority: 'audio' })
    }
  }
  const id = await create()
  const answer = await server.sendParts(token, `/api/system/campaigns/${id}/begin/`, [
    { name: 'aud_file', value: sound(1), filename: 'own.wav' },
  ])
  expect(answer.status).toBe(200)
  expect(await runOf(id)).toMatchObject({ message: '', priority: 'audio' })
})

test('with a message and an audio, priority says which is first, or is asked for', async () => {
  await upload(sound(2), 'a.mp3')
  const both = { message: 'hello', aud_file: 'a.mp3' }
  expect((await begin(await create(), both)).body).toMatchObject({ status: 400, param: 'priority' })
  for (const priority of ['message', 'audio']) {
    const id = await create()
    expect((await begin(id, { ...both, priority: priority.toUpperCase() })).status).toBe(200)
    expect(await runOf(id)).toMatchObject({ message: 'hello', priority, spoken_by: 'carrier' })
  }
})

test.each([
  ['http://example.com/a.mp3', 'address_refused'],
  ['https://127.0.0.1/a.mp3', 'address_refused'],
  ['https://[::1]/a.mp3', 'address_refused'],
  ['https://169.254.169.254/latest/meta-data', 'address_refused'],
  ['https://localhost/a.mp3', 'address_refused'],
  ['https://user:secret@example.com/a.mp3', 'address_refused'],
  ['file:///etc/passwd', 'address_refused'],
  ['https://127.0.0.1/%E0%A4%A.mp3', 'address_refused'],
  ['/etc/passwd', 'unknown_file'],
])('aud_file %s is never fetched: %s', async (address, code) => {
  expect((await begin(await create(), { aud_file: address })).body).toMatchObject({
    status: 400,
    code,
    param: 'aud_file',
  })
})

test('test/voice answers with a sound that plays, for each voice, in a body of any kind', async () => {
  const message = 'नमस्ते, आईपीओ खुलेको छ।'
  const urls = new Set<string>()
  for (const voice of ['np_rija', 'np_prasanna', 'np_binod']) {
    const url = '/api/system/test/voice'
    const asJson = await server.send(token, 'POST', url, { message, voice_input: voice })
    const asForm = await server.sendForm(token, `${url}/`, [
      ['message', message],
      ['voice_input', voice.toUpperCase()],
    ])
    expect([asJson.status, asForm.status]).toEqual([200, 200])
    expect(asForm.body.data).toEqual(asJson.body.data)
    const { audio_url, duration, voice_input } = asJson.body.data
    expect(voice_input).toBe(voice)
    const played = await server.app.inject({ url: new URL(audio_url).pathname })
    expect(played.rawPayload.toString('latin1', 0, 4)).toBe('RIFF')
    expect(Math.abs((played.rawPayload.length - 58) / 8_000 - duration)).toBeLessThan(0.01)
    expect(duration).toBeGreaterThan(1)
    urls.add(audio_url)
  }
  expect(urls.size).toBe(3)
  const unknown = await server.send(token, 'POST', '/api/system/test/voice/', {
    message,
    voice_input: 'np_nobody',
  })
  expect([unknown.status, unknown.body.code]).toEqual([400, 'unknown_voice'])
  const voices = await server.send(token, 'GET', '/api/system/voices/')
  expect(voices.body.data.voices.length).toBeGreaterThanOrEqual(5)
})

test('a list is shown as it will be read, before anything is made of it', async () => {
  const { details } = (await upload('Full name;Mobile\nSita;9843812344\nRam;12\n\n', 'people.csv')).body.data
  const preview = await server.send(token, 'GET', `/api/system/files/${details.id}/preview`)
  expect(preview.body.data.details).toMatchObject({
    id: details.id,
    rows: [
      { cells: ['Sita', '9843812344'], e164: '+9779843812344', reason: null },
      { cells: ['Ram', '12'], e164: null, grade: 'invalid' },
      { grade: null },
    ],
    number_column: 1,
    columns: [
      { name: 'Full name', tag: 'tags_full_name' },
      { name: 'Mobile', tag: null },
    ],
  })
  const other = await server.addWorkspace()
  expect((await server.send(other.token, 'GET', `/api/system/files/${details.id}/preview/`)).status).toBe(404)
})

const twoPhones = 'Name,Phone,Phone of a friend\nSita,9843812344,9843812345\nRam,9843812346,9843812347\n'

test('a list is read from another column than the one that was found, by name or place', async () => {
  const { details } = (await upload(twoPhones, 'two-phones.csv')).body.data
  const preview = (column: string) =>
    server.send(token, 'GET', `/api/system/files/${details.id}/preview/?number_column=${column}`)
  expect((await preview('')).body.data.details).toMatchObject({ number_column: 1 })
  for (const column of ['2', 'phone%20of%20a%20friend']) {
    expect((await preview(column)).body.data.details).toMatchObject({
      number_column: 2,
      columns: [{ tag: 'tags_name' }, { tag: 'tags_phone' }, { tag: null }],
      usable_tags: ['tags_name', 'tags_phone'],
      rows: [{ e164: '+9779843812345' }, { e164: '+9779843812347' }],
    })
  }
  const made = await server.send(token, 'POST', '/api/system/campaigns/', {
    name: 'Friends',
    services: 'PHONE',
    send_to_number_file: String(details.id),
    number_column: 2,
  })
  expect(made.body.data.details).toMatchObject({ accepted: 2, usable_tags: ['tags_name', 'tags_phone'] })
  const list = await server.send(token, 'GET', `/api/system/campaigns/number/${made.body.data.details.id}`)
  expect(list.body.data['number-lists']).toMatchObject([
    { e164: '+9779843812347', available_tags: { tags_name: 'Ram', tags_phone: '9843812346' } },
    { e164: '+9779843812345', available_tags: { tags_name: 'Sita', tags_phone: '9843812344' } },
  ])
})

test('a column that the list has not is refused with those it has, and no campaign is made', async () => {
  for (const column of ['Fax', '3', '-1']) {
    const answer = await server.sendParts(token, '/api/system/campaigns/', [
      { name: 'number_column', value: column },
      { name: 'send_to_number_file', value: twoPhones, filename: 'two-phones.csv' },
      { name: 'name', value: 'No such column' },
      { name: 'services', value: 'PHONE' },
    ])
    expect(answer).toMatchObject({ status: 400, body: { code: 'unknown_column', param: 'number_column' } })
    expect(answer.body.error).toContain('Name, Phone, Phone of a friend')
  }
  const [made] = await server.sql`select from campaigns where name = 'No such column'`
  expect(made).toBeUndefined()
})
