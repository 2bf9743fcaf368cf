/** Every campaign and campaign-number sample of the documents, in each body kind, with and without the slash. */
import { beforeAll, describe, expect, test } from 'vitest'
import { muLaw, wavHead } from '../speech/telephone-sound.ts'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'
import { everyWay, sendSample, type Send } from './document-samples.fixture.ts'

const server = useCampaignServer()
let token = ''

beforeAll(async () => {
  ;({ token } = await server.addWorkspace())
})

const plain = { way: 'JSON', slash: '/' } as const
const individual = {
  name: 'sample individual campaign',
  services: 'PHONE',
  individual_number: [9876543210, 98675432123],
}
const salarySheet = 'number,name,age,salary\n9832123432,Sita,25,90000\n9843812344,Ram,31,80000\n'
const salaryMessage = 'Hi {tags_name}, you are {tags_age} years old and your salary is {tags_salary}.'

const send: Send = (...asked) => sendSample(server, token, ...asked)

async function createTagged(services = 'PHONE'): Promise<number> {
  const answer = await server.sendParts(token, '/api/system/campaigns/', [
    { name: 'name', value: 'test1' },
    { name: 'services', value: services },
    { name: 'send_to_number_file', value: salarySheet, filename: 'numbers.csv' },
  ])
  expect(answer.status).toBe(201)
  return answer.body.data.details.id
}

async function create(): Promise<number> {
  const answer = await send('POST', '/api/system/campaigns/', plain, individual)
  return answer.body.data.details.id
}

async function numberIds(campaignId: number): Promise<number[]> {
  const answer = await send('GET', `/api/system/campaigns/number/${campaignId}`, plain)
  return answer.body.data['number-lists'].map((one: { id: number }) => one.id)
}

describe.each(everyWay)('as $way with "$slash"', (how) => {
  test('a campaign is made from two numbers, and from two numbers with a description', async () => {
    const description = 'This campaign is to notify users that an IPO has been opened'
    for (const more of [{}, { description }]) {
      const answer = await send('POST', '/api/system/campaigns/', how, { ...individual, ...more })
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({
        status: 201,
        message: 'Campaign Created Successfully',
        data: { details: { ...asDetails(more), user_phone: [], usable_tags: [], status: 'Not Started' } },
      })
      const details = answer.body.data.details
      expect([details.number_count, details.accepted, details.rejected]).toEqual([2, 2, []])
      const list = await send('GET', `/api/system/campaigns/number/${details.id}`, how)
      const numbers = list.body.data['number-lists'].map((one: { number: unknown }) => one.number)
      expect(numbers).toEqual([98675432123, 9876543210])
    }
  })

  test('a campaign is made from a file, by the name of one that was uploaded before', async () => {
    const sample = { name: 'sample bulk campaign', services: 'SMS', send_to_number_file: 'numbers.csv' }
    const answer = await send('POST', '/api/system/campaigns/', how, {
      ...sample,
      send_to_number_file: 'no.csv',
    })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'unknown_file', param: 'send_to_number_file' })
    expect(answer.body.error).toContain('POST /api/system/files/')
  })

  test('the list has the shape of the document', async () => {
    await create()
    const answer = await send('GET', '/api/system/campaigns', how)
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.body)).toEqual(['pagination', 'result'])
    expect(Object.keys(answer.body.pagination)).toEqual([
      'total_items',
      'total_pages',
      'page_number',
      'has_next',
      'has_previous',
      'links',
    ])
    expect(answer.body.result.messages).toBe('Campaign Successfully Retrieved')
    expect(answer.body.result['campaign-lists'][0]).toMatchObject({
      name: 'sample individual campaign',
      user_phone: [],
      services: 'PHONE',
      description: '',
      usable_tags: [],
    })
  })

  test('a campaign is updated, shown and deleted', async () => {
    const id = await create()
    const changes = { name: 'new campaign name', services: 'SMS', description: 'Election campaign for 2023' }
    const updated = await send('PUT', `/api/system/campaigns/${id}/update`, how, changes)
    expect(updated.status).toBe(200)
    expect(updated.body.message).toBe('Campaign details successfully updated.')
    const details = await send('GET', `/api/system/campaigns/${id}/details`, how)
    expect(details.body.data.details).toMatchObject({ id, ...changes })
    const slip = await send('DELETE', `/api/system/campaigns/${id}/details`, how)
    expect([slip.status, slip.headers['allow']]).toEqual([405, expect.stringContaining('GET')])
    const deleted = await send('DELETE', `/api/system/campaigns/${id}/delete`, how)
    expect([deleted.status, deleted.body.data]).toEqual([200, { camaign: 'Campaign Deleted Succesfully' }])
    expect((await send('GET', `/api/system/campaigns/${id}/details`, how)).status).toBe(404)
  })

  test('a campaign is begun with a message, a voice, a date and a status', async () => {
    const began = async (id: number, body: Record<string, unknown>): Promise<Answer> =>
      send('POST', `/api/system/campaigns/${id}/begin`, how, body)
    const id = await create()
    const hold = '2 credit on hold for sample individual campaign campaign.'
    const first = await began(id, {
      message: 'Hi, this is to notify that you have been selected for the election',
    })
    expect(first.body).toMatchObject({ message: 'Campaign is running', data: { 'hold amount': hold } })
    await send('POST', `/api/system/campaigns/${id}/stop/`, plain)
    // A message is stored by now: it is what priority alone refers to.
    const again = await began(id, { priority: 'message', status: 'Terminated' })
    expect([again.status, again.body.data['hold amount']]).toEqual([200, hold])
    await send('POST', `/api/system/campaigns/${id}/stop/`, plain)

    const nobody = { message: 'Here you send your message you want to convey', status: 'Failed' }
    const none = await began(id, nobody)
    expect([none.status, none.body.code]).toEqual([400, 'nothing_to_call'])
    const voiced = await began(await create(), { message: 'Message to Convey', voice_input: 'np_prasanna' })
    expect(voiced.body.message).toBe('Campaign is running')
    const past = await began(await create(), { message: 'x', schedule_date: '2023-05-09T17:07' })
    expect([past.status, past.body.code]).toEqual([400, 'schedule_in_past'])
    const future = await began(await create(), {
      message: 'sample text message',
      schedule_date: '2099-05-09T17:07',
    })
    expect(future.body.data).toMatchObject({ scheduled_for: '2099-05-09T17:07:00Z', time_zone: 'UTC' })
  })

  test('tags of the message are those of the file', async () => {
    const tagged = await send('POST', `/api/system/campaigns/${await createTagged()}/begin/`, how, {
      message: salaryMessage,
    })
    expect(tagged.body.message).toBe('Campaign is running')
    const bare = await send('POST', `/api/system/campaigns/${await create()}/begin/`, how, {
      message: salaryMessage,
    })
    expect([bare.status, bare.body.code]).toEqual([400, 'unknown_tags'])
    for (const tag of ['{tags_name}', '{tags_age}', '{tags_salary}']) expect(bare.body.error).toContain(tag)
  })

  test('an audio that was not uploaded is refused with the way out', async () => {
    const id = await createTagged()
    for (const body of [
      { aud_file: 'path/containing/audio.mp3' },
      {
        message: salaryMessage,
        aud_file: 'path/containing/audio.mp3',
        priority: 'message',
        voice_input: 'np_prasanna',
      },
    ]) {
      const answer = await send('POST', `/api/system/campaigns/${id}/begin`, how, body)
      expect([answer.status, answer.body.param]).toEqual([400, 'aud_file'])
    }
  })

  test('a number is added, with tags and without, shown, edited and deleted', async () => {
    const id = await createTagged()
    const added = await send('POST', `/api/system/campaigns/number/${id}`, how, { number: 9843812345 })
    expect(added.status).toBe(201)
    expect(added.body.data['number-lists']).toMatchObject({
      number: 9843812345,
      campaing: 'test1',
      available_tags: {},
      status: 'not started',
      duration: 0,
      playback: 0,
      credit_consumed: 0,
    })
    const sample = { number: 9832123432, available_tags: { tags_name: 'name', tags_age: 25 } }
    const known = await send('POST', `/api/system/campaigns/number/${id}`, how, sample)
    expect(known.status).toBe(200)
    expect(known.body.data['number-lists'].available_tags).toEqual({
      tags_name: 'name',
      tags_age: 25,
      tags_salary: '90000',
    })
    const [newest = 0] = await numberIds(id)
    const shown = await send('GET', `/api/system/number/${newest}`, how)
    expect(shown.body.data['number-detail']).toMatchObject({ id: newest, number: 9843812345 })
    const edit = { number: 9832123433, available_tags: { tags_name: 'name', tags_age: 25 } }
    const edited = await send('POST', `/api/system/number/${newest}`, how, edit)
    expect(edited.body.message).toBe('Action details successfully updated.')
    expect(edited.body.data['number-detail']).toMatchObject(edit)
    const deleted = await send('DELETE', `/api/system/campaigns/number/${newest}/delete`, how)
    const sentence = '9832123433 of campaign test1 deleted Successfully!!'
    expect([deleted.status, deleted.body.data]).toEqual([200, { 'campaign-details': sentence }])
  })
})

describe.each(everyWay)('with files, as $way with "$slash"', (how) => {
  beforeAll(async () => {
    const files: [string, string | Buffer][] = [
      ['numbers.csv', salarySheet],
      ['path/containing/audio.mp3', Buffer.concat([wavHead(8_000), Buffer.alloc(8_000, muLaw(9_000))])],
    ]
    for (const [filename, value] of files)
      await server.sendParts(token, '/api/system/files/', [{ name: 'file', value, filename }])
  })

  test('a campaign is made from numbers.csv and begun with every attribute of the sample', async () => {
    const sample = { name: 'sample bulk campaign', services: 'PHONE', send_to_number_file: 'numbers.csv' }
    const made = await send('POST', '/api/system/campaigns/', how, sample)
    expect([made.status, made.body.data.details.usable_tags, made.body.data.details.accepted]).toEqual([
      201,
      ['tags_name', 'tags_age', 'tags_salary'],
      2,
    ])
    const { id } = made.body.data.details
    await server.sql`update campaign_numbers set status = 'failed' where campaign_id = ${id}`
    await server.sql`
      update totals set state = 'failed' where campaign_id = ${id} and subject = 'number' and state = 'not_started'`
    const begun = await send('POST', `/api/system/campaigns/${id}/begin`, how, {
      message: salaryMessage,
      aud_file: 'path/containing/audio.mp3',
      priority: 'message',
      voice_input: 'np_prasanna',
      schedule_date: '2099-05-09T17:07',
      status: 'failed',
    })
    expect(begun.body).toMatchObject({
      status: 200,
      data: {
        'hold amount': '2 credit on hold for sample bulk campaign campaign.',
        status: 'Scheduled',
        scheduled_for: '2099-05-09T17:07:00Z',
      },
    })
    const details = await send('GET', `/api/system/campaigns/${id}/details`, how)
    expect(details.body.data.details).toMatchObject({
      message: salaryMessage,
      voice_input: 'np_prasanna',
      priority: 'message',
      aud_file: expect.any(Number),
      progress: { failed: 2 },
    })
  })

  test('an audio alone is begun by the name it was uploaded with', async () => {
    const begun = await send('POST', `/api/system/campaigns/${await create()}/begin/`, how, {
      aud_file: 'path/containing/audio.mp3',
    })
    expect([begun.status, begun.body.message]).toEqual([200, 'Campaign is running'])
  })

  test('a voice is tried with a message', async () => {
    const tried = await send('POST', '/api/system/test/voice', how, { message: 'नमस्ते' })
    expect(tried.status).toBe(200)
    expect(tried.body.data).toMatchObject({
      voice_input: 'np_rija',
      audio_url: expect.stringContaining('/audio/'),
    })
  })
})

function asDetails(more: object): Record<string, unknown> {
  const { name, services } = individual
  return { name, services, description: '', ...more }
}
