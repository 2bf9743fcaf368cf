import { readFileSync } from 'node:fs'
import { readXlsx } from 'hucre/xlsx'
import { beforeAll, expect, test } from 'vitest'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})

function upload(file: string | Buffer, filename = 'numbers.csv', holder = token): Promise<Answer> {
  return server.sendParts(holder, '/api/system/campaigns/', [
    { name: 'send_to_number_file', value: file, filename },
    { name: 'name', value: 'sample bulk campaign' },
    { name: 'services', value: 'PHONE' },
  ])
}

const sheet = readFileSync(new URL('../../test/data/broken-sheet.csv', import.meta.url))

test('the broken sheet comes in row by row', async () => {
  const answer = await upload(sheet, 'broken-sheet.csv')
  expect(answer.status).toBe(201)
  const { details } = answer.body.data
  expect(details.usable_tags).toEqual(['tags_sn', 'tags_full_name', 'tags_age', 'tags_remarks'])
  expect(details.rejected.map((one: { row: number; reason: string }) => [one.row, one.reason])).toEqual([
    [4, 'digits_lost'],
    [11, 'too_short'],
    [12, 'not_a_number'],
    [13, 'no_number'],
    [16, 'two_numbers'],
    [23, 'no_number'],
    [27, 'premium_rate'],
    [31, 'negative'],
  ])
  expect(details).toMatchObject({
    accepted: 16,
    duplicates: 6,
    rejected_count: 8,
    number_count: 24,
    import: { status: 'done', total: 30, done: 30 },
  })

  const list = await server.send(token, 'GET', `/api/system/campaigns/number/${details.id}`)
  const bySerial = new Map<
    string,
    { number: number; e164: string | null; available_tags: Record<string, string> }
  >(
    list.body.data['number-lists'].map((one: { available_tags: Record<string, string> }) => [
      one.available_tags['tags_sn'],
      one,
    ]),
  )
  expect([...bySerial.values()].every((one) => one.number === null || Number.isInteger(one.number))).toBe(
    true,
  )
  const expected: [string, string | null][] = [
    ['1', '+12125550101'],
    ['2', '+9779843812344'],
    ['3', null],
    ['5', '+9779851023212'],
    ['13', '+9779876543210'],
    ['14', '+97798675432123'],
    ['15', null],
    ['16', '+12125550116'],
    ['20', '+12125550120'],
    ['23', '+12125550123'],
    ['24', '+12125550124'],
    ['26', null],
    ['28', '+447700900128'],
    ['29', '+12125550129'],
    ['30', null],
  ]
  for (const [serial, e164] of expected) expect([serial, bySerial.get(serial)?.e164]).toEqual([serial, e164])
  expect(bySerial.get('2')?.available_tags['tags_full_name']).toBe('राम थापा')
  expect(bySerial.get('17')?.available_tags['tags_full_name']).toBe('Tab\tName')
  expect(bySerial.get('18')?.available_tags['tags_full_name']).toBe('Quote "Q"')
  expect(bySerial.get('1')?.available_tags['tags_remarks']).toBe('ok')
})

test('the job tells its errors and gives all of them as a file that no spreadsheet runs', async () => {
  const answer = await upload('number,name\n=1+1,Ram\n9843812344,Sita\n-5,Hari\n')
  const { id } = answer.body.data.details.import
  for (const url of [`/api/jobs/${id}`, `/api/jobs/${id}/`]) {
    const job = await server.send(token, 'GET', url)
    expect(job.body).toMatchObject({
      id,
      status: 'done',
      total: 3,
      done: 3,
      errors: [{ row: 2 }, { row: 4 }],
    })
  }
  const file = await server.send(token, 'GET', `/api/jobs/${id}/errors/`)
  expect(file.headers['content-type']).toContain('text/csv')
  expect(file.body).toBe(
    "\uFEFFnumber,name,problem_row,problem\r\n'=1+1,Ram,2,not_a_number\r\n-5,Hari,4,negative\r\n",
  )
  const workbook = await server.app.inject({
    url: `/api/jobs/${id}/errors/?format=xlsx`,
    headers: { authorization: `Bearer ${token}` },
  })
  const { rows } = (await readXlsx(workbook.rawPayload)).sheets[0] ?? {}
  expect(rows).toEqual([
    ['number', 'name', 'problem_row', 'problem'],
    ["'=1+1", 'Ram', 2, 'not_a_number'],
    ['-5', 'Hari', 4, 'negative'],
  ])
  const other = await server.addWorkspace()
  for (const url of [`/api/jobs/${id}/`, `/api/jobs/${id}/errors/`]) {
    expect((await server.send(other.token, 'GET', url)).status).toBe(404)
  }
  expect((await server.send(token, 'DELETE', `/api/jobs/${id}/`)).body).toMatchObject({ code: 'job_over' })
})

test.each([
  ['a workbook', Buffer.from('PK\u0003\u0004rest of a workbook'), 'not_a_workbook', 'XLSX'],
  ['binary', Buffer.from('number,name\n98438\u0000,x\n'), 'not_a_csv', 'Line 2'],
  ['an open quote', Buffer.from('number,name\n1,2\n"98,x\n'), 'not_a_csv', 'line 3'],
  ['one line without end', Buffer.from(`number\n${'9'.repeat(3_000_000)}`), 'not_a_csv', 'line 2'],
  ['nothing', Buffer.from(''), 'empty_file', 'empty'],
  ['no number column', Buffer.from('name,age\nRam,3\n'), 'no_number_column', 'Line 1'],
  ['a million columns', Buffer.from('a,'.repeat(300_000)), 'not_a_csv', 'columns'],
])('%s is refused and leaves nothing behind', async (_name, file, code, words) => {
  const answer = await upload(file)
  expect(answer.body).toMatchObject({ status: 400, code, param: 'send_to_number_file' })
  expect(answer.body.error).toContain(words)
  const [left] = await server.sql`
    select (select count(*) from uploads where workspace_id = ${workspaceId})::int as uploads,
           (select count(*) from upload_chunks where workspace_id = ${workspaceId})::int as chunks`
  expect(left).toEqual({ uploads: 0, chunks: 0 })
})

test('a file beyond the limit is refused', async () => {
  const answer = await upload(`number\n${'9843812344\n'.repeat(900_000)}`)
  expect(answer.body).toMatchObject({ status: 413, code: 'file_too_large' })
})

test('a campaign is made even when every number is invalid', async () => {
  const answer = await upload('number\nn/a\nx\n')
  expect(answer.status).toBe(201)
  expect(answer.body.data.details).toMatchObject({ accepted: 0, number_count: 2, rejected_count: 2 })
})

test('ten thousand people come in exactly once', async () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => `+1907555${String(index % 5_000).padStart(4, '0')},"Name, ${index}"`,
  )
  const answer = await upload(`number,name\n${rows.join('\n')}\n`)
  expect(answer.body.data.details).toMatchObject({ accepted: 5_000, duplicates: 5_000, number_count: 5_000 })
})

test('no number is stored for a campaign that its workspace has not, and none moves to another campaign', async () => {
  const answer = await upload('number\n9843812344\n')
  const { id } = answer.body.data.details
  const other = await server.addWorkspace()
  const insert = (campaignId: number) => server.sql`
    insert into campaign_numbers (workspace_id, campaign_id, given, grade, status, created_at)
    values (${other.workspaceId}, ${campaignId}, 'x', 'invalid', 'invalid', now())`
  await expect(insert(id)).rejects.toMatchObject({ code: '23503' })
  await expect(insert(999_999_999)).rejects.toMatchObject({ code: '23503' })
  const move = server.sql`
    update campaign_numbers set campaign_id = campaign_id + 1 where workspace_id = ${workspaceId} and campaign_id = ${id}`
  await expect(move).rejects.toMatchObject({ code: '23503' })
})
