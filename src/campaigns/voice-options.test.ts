import { beforeAll, expect, test } from 'vitest'
import { useCampaignServer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

const numbers = { individual_number: [9843812344] }

function create(more: object) {
  const body = { name: 'Sample', services: 'PHONE', ...numbers, ...more }
  return server.send(token, 'POST', '/api/system/campaigns/', body)
}

async function optionsOf(id: number): Promise<unknown> {
  const { body } = await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)
  const { answering_machine, keypresses, record } = body.data.details
  return { answering_machine, keypresses, record }
}

const off = { answering_machine: 'ignore', keypresses: null, record: false }

test('options are off unless they are given, and each of create, update and begin changes what it names', async () => {
  const { body } = await create({ answering_machine: 'Hang_Up' })
  const { id } = body.data.details
  expect(body.data.details).toMatchObject({ ...off, answering_machine: 'hang_up' })
  await server.send(token, 'PUT', `/api/system/campaigns/${id}/update/`, { keypresses: true })
  expect(await optionsOf(id)).toEqual({ ...off, answering_machine: 'hang_up', keypresses: {} })
  const keypresses = { '1': 'Interested', '2': { label: 'Talk', transfer_to: '9843812345' } }
  const begun = { message: 'hello', record: 'true', answering_machine: null, keypresses }
  expect(
    (await server.send(token, 'POST', `/api/system/campaigns/${id}/begin/`, begun)).body.data,
  ).toMatchObject({ status: 'Running' })
  expect(await optionsOf(id)).toEqual({
    answering_machine: 'ignore',
    record: true,
    keypresses: {
      '1': { label: 'Interested', transfer_to: null },
      '2': { label: 'Talk', transfer_to: '+9779843812345' },
    },
  })
  const [run] = await server.sql`select voice_options from runs where campaign_id = ${id}`
  expect(run).toMatchObject({ voice_options: { record: true, answeringMachine: 'ignore' } })
})

test('forms carry them as text', async () => {
  const { body } = await create({})
  const { id } = body.data.details
  const answer = await server.sendForm(token, `/api/system/campaigns/${id}/begin/`, [
    ['message', 'hello'],
    ['keypresses', '{"1": "Yes"}'],
    ['record', 'yes'],
    ['answering_machine', 'leave_message'],
  ])
  expect(answer.status).toBe(200)
  expect(await optionsOf(id)).toEqual({
    answering_machine: 'leave_message',
    record: true,
    keypresses: { '1': { label: 'Yes', transfer_to: null } },
  })
})

test.each([
  [{ answering_machine: 'shout' }, 'answering_machine', '"shout"'],
  [{ keypresses: { '9': 'No' } }, 'keypresses', 'opts out'],
  [{ keypresses: { '12': 'No' } }, 'keypresses', '"12"'],
  [{ keypresses: { '1': 5 } }, 'keypresses', 'Key 1'],
  [{ keypresses: { '1': { transfer_to: 'me' } } }, 'keypresses', 'transfer_to of key 1'],
  [
    { keypresses: { '1': { transfer_to: '0190163d-8694-739b-aea5-966c26f8ad91' } } },
    'keypresses',
    'no agent with a phone',
  ],
  [{ record: 'perhaps' }, 'record', 'record'],
  [{ services: 'SMS', record: true }, 'record', 'services PHONE'],
])('%j is refused, and the answer names what was wrong', async (given, param, word) => {
  const { status, body } = await create(given)
  expect(status).toBe(400)
  expect(body.errors?.[0]?.param ?? body.param).toBe(param)
  expect(body.error).toContain(word)
})

test('the sentences that follow a key are spoken before anybody is called', async () => {
  server.deps.speech = { problem: () => null }
  const { body } = await create({ keypresses: true })
  const { id } = body.data.details
  const message = 'Press 9 to be left alone.'
  await server.send(token, 'POST', `/api/system/campaigns/${id}/begin/`, { message, voice_input: 'en_emma' })
  const rows = await server.sql<{ spoken: string }[]>`
    select spoken from audio where workspace_id = ${workspaceId} and voice = 'en_emma' order by spoken`
  expect(rows.map((row) => row.spoken)).toEqual([
    'Nobody is free to talk to you just now. We will call you again.',
    message,
    'Thank you.',
    'You will not be called again. Thank you.',
  ])
})

test('the check before a begin says what is wrong with them, and writes nothing', async () => {
  const { body } = await create({})
  const { id } = body.data.details
  const wanted = { message: 'hello', answering_machine: 'shout' }
  const estimate = await server.send(token, 'POST', `/api/system/campaigns/${id}/estimate/`, wanted)
  expect(estimate.body.data.details).toMatchObject({
    can_begin: false,
    problems: [{ param: 'answering_machine' }],
  })
  expect(await optionsOf(id)).toEqual(off)
})
