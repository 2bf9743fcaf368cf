import { beforeAll, expect, test } from 'vitest'
import { insertCalls } from '../../test/calls.ts'
import { useCampaignServer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

async function campaignOf(sheet: string, services = 'PHONE'): Promise<number> {
  const made = await server.sendParts(token, '/api/system/campaigns/', [
    { name: 'send_to_number_file', value: sheet, filename: 'numbers.csv' },
    { name: 'name', value: 'Check' },
    { name: 'services', value: services },
  ])
  return made.body.data.details.id
}

async function ask(path: 'preview' | 'estimate', id: number, body: object) {
  const answer = await server.send(token, 'POST', `/api/system/campaigns/${id}/${path}/`, body)
  return { ...answer, details: answer.body?.data?.details }
}

const people = `number,name,age,timezone
9843812341,Ram,31,
9843812342,Sita,,Asia/Tokyo
9843812343,Gita,28,Nowhere/Else
`

test('a preview shows the message piece by piece, and leads to the next recipient', async () => {
  const id = await campaignOf(people)
  const first = await ask('preview', id, { message: 'Hi {tags_name}, {tags_age|many} years.' })
  expect(first.details).toMatchObject({
    number: 9843812341,
    e164: '+9779843812341',
    previous_number_id: null,
    text: 'Hi Ram, 31 years.',
    parts: [
      { text: 'Hi ' },
      { tag: 'tags_name', value: 'Ram', from: 'value' },
      { text: ', ' },
      { tag: 'tags_age', value: '31', from: 'value' },
      { text: ' years.' },
    ],
    missing: [],
    encoding: 'GSM-7',
    characters: 17,
    segments: 1,
    seconds: 2,
    cost: 1,
    country: 'NP',
    may_call: { ok: true, reason: null, due: null },
  })
  const second = await ask('preview', id, {
    message: 'Hi {tags_name}, {tags_age|many} years.',
    number_id: first.details.next_number_id,
  })
  expect(second.details).toMatchObject({
    text: 'Hi Sita, many years.',
    zones: ['Asia/Tokyo'],
    previous_number_id: first.details.number_id,
  })
  expect(second.details.parts[3]).toEqual({ tag: 'tags_age', value: 'many', from: 'fallback' })
  const bare = await ask('preview', id, {
    message: 'You are {tags_age}.',
    number_id: second.details.number_id,
  })
  expect(bare.details).toMatchObject({
    text: 'You are {tags_age}.',
    missing: ['tags_age'],
    may_call: { ok: false, reason: 'no_value_for_tags_age' },
  })
})

test('a preview of a text counts segments by its alphabet', async () => {
  const id = await campaignOf('number,name\n9843812341,राम\n', 'SMS')
  const { details } = await ask('preview', id, { message: `नमस्ते {tags_name} ${'क'.repeat(80)}` })
  expect(details).toMatchObject({ encoding: 'UCS-2', segments: 2, seconds: null, cost: 2 })
})

test('a preview refuses tags that the list has not, and numbers of elsewhere', async () => {
  const id = await campaignOf(people)
  expect((await ask('preview', id, { message: 'Hi {tags_salary}' })).body.code).toBe('unknown_tags')
  expect((await ask('preview', id, {})).body.code).toBe('missing_field')
  expect((await ask('preview', id, { message: 'Hi', number_id: 999_999 })).status).toBe(404)
})

test('an estimate says what a run would do and cost, and writes nothing', async () => {
  const id = await campaignOf(people)
  const blocked = { number: '+9779843812343' }
  await server.send(token, 'POST', '/api/do-not-call/', blocked)
  const { details } = await ask('estimate', id, {
    message: 'Hi {tags_name}, you are {tags_age}.',
    retry: { max_attempts: 3, hungup: { times: 1, delay_minutes: 5 } },
  })
  expect(details).toMatchObject({
    can_begin: true,
    problems: [],
    numbers: {
      selected: 3,
      callable: 1,
      set_aside: expect.arrayContaining([
        { reason: 'no_value_for_tags_age', count: 1 },
        { reason: 'do_not_call', count: 1 },
      ]),
    },
    tags: [
      { tag: 'tags_name', missing: 0, example: 'Ram', fallback: null },
      { tag: 'tags_age', missing: 1, example: '31', fallback: null },
    ],
    cost: {
      hold: 6,
      least: 0,
      most: 2,
      countries: [{ country: 'NP', numbers: 1, credits: 2 }],
      available: null,
    },
    when: { open_now: 1, opens_later: 0 },
    from_numbers: ['+12125550100'],
    exact: true,
  })
  const codes = details.warnings.map(({ code }: { code: string }) => code)
  expect(codes).toEqual(['tag_missing', 'tag_unused', 'do_not_call', 'invalid_timezone_tag'])
  await server.send(token, 'DELETE', '/api/do-not-call/', blocked)
  const [row] = await server.sql<{ runs: number }[]>`
    select count(*)::int as runs from runs where workspace_id = ${workspaceId} and campaign_id = ${id}`
  expect(row?.runs).toBe(0)
  const after = await server.send(token, 'GET', `/api/system/campaigns/${id}/details/`)
  expect(after.body.data.details).toMatchObject({ message: null, retry: null })
})

test('an estimate gathers everything that begin would refuse', async () => {
  const id = await campaignOf(people)
  const { status, details } = await ask('estimate', id, {
    message: 'Hi {tags_salary}',
    schedule_date: '2001-01-01T10:00',
    user_phone: ['+442071838750'],
    retry: { max_attempts: 99 },
  })
  expect(status).toBe(200)
  expect(details.can_begin).toBe(false)
  expect(details.problems.map(({ code }: { code: string }) => code)).toEqual([
    'invalid_field',
    'not_owned',
    'unknown_tags',
    'schedule_in_past',
  ])
})

test('hours of the campaign and of the workspace show who would wait', async () => {
  const id = await campaignOf('number\n9843812341\n+12125550123\n')
  await server.clock.set(new Date('2026-11-24T05:00:00Z')) // 10:45 in Nepal, midnight in New York
  const { details } = await ask('estimate', id, {
    message: 'Hi',
    calling_hours: { tue: ['09:00', '20:00'], wed: ['09:00', '20:00'] },
  })
  expect(details.when).toMatchObject({ open_now: 1, opens_later: 1 })
  expect(details.when.zones).toContainEqual({
    zone: 'America/New_York',
    numbers: 1,
    open: false,
    opens_at: '2026-11-24T14:00:00Z',
  })
})

test('whoever was contacted as often as the cap allows is told to wait, by the preview and the estimate', async () => {
  const capped = await server.addWorkspace({ frequencyCap: { perDay: 1 } })
  const now = server.clock.now()
  const made = await server.sendParts(capped.token, '/api/system/campaigns/', [
    { name: 'individual_number', value: '9843812341,9843812342,9843812343' },
    { name: 'name', value: 'Capped' },
    { name: 'services', value: 'PHONE' },
  ])
  const { id } = made.body.data.details
  const url = `/api/system/campaigns/${id}/`
  const estimate = async () =>
    (await server.send(capped.token, 'POST', `${url}estimate/`, { message: 'Hi' })).body.data.details
  expect((await estimate()).when).toMatchObject({ open_now: 3, opens_later: 0, capped: 0 })

  const before = new Date(now.getTime() - 2 * 86_400_000)
  await insertCalls(server.sql, capped.workspaceId, [
    { state: 'completed', createdAt: now, to: '+9779843812341' },
    { state: 'completed', createdAt: before, to: '+9779843812342' },
  ])
  const after = await estimate()
  expect(after).toMatchObject({
    numbers: { callable: 3, set_aside: [] },
    when: { open_now: 2, opens_later: 0, capped: 1 },
    warnings: [{ code: 'frequency_cap', count: 1 }],
  })
  const list = await server.send(capped.token, 'GET', `/api/system/campaigns/number/${id}`)
  const verdicts = new Map<string, unknown>()
  for (const number of list.body.data['number-lists']) {
    const asked = { message: 'Hi', number_id: number.id }
    const preview = await server.send(capped.token, 'POST', `${url}preview/`, asked)
    verdicts.set(number.e164, preview.body.data.details.may_call)
  }
  const fine = { ok: true, reason: null, due: null }
  expect(Object.fromEntries(verdicts)).toEqual({
    '+9779843812341': { ok: false, reason: 'frequency_cap', due: expect.stringMatching(/T18:15:00Z$/) },
    '+9779843812342': fine,
    '+9779843812343': fine,
  })
})

test('of a long list a sample is scaled up', async () => {
  const id = await campaignOf('number,name\n9843812341,Ram\n')
  await server.sql`
    insert into campaign_numbers (workspace_id, campaign_id, given, digits, e164, grade, tags, created_at)
    select ${workspaceId}, ${id}, n::text, n::text, '+977' || n, 'valid',
           case when n % 4 = 0 then '{}'::jsonb else '{"tags_name": "Ann"}' end, ${server.clock.now()}
      from generate_series(9840000000, 9840059999) n`
  await server.sql`
    update totals set count = 60001
     where workspace_id = ${workspaceId} and campaign_id = ${id} and subject = 'number' and state = 'not_started'`
  const { details } = await ask('estimate', id, { message: 'Hi {tags_name}' })
  expect(details.exact).toBe(false)
  expect(details.numbers.selected).toBe(60_001)
  expect(details.tags[0].missing).toBeGreaterThan(14_000)
  expect(details.tags[0].missing).toBeLessThan(16_000)
})
