import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createDeflateRaw, crc32, deflateRawSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { XlsxStreamWriter, writeXlsxStream } from 'hucre/xlsx'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useCampaignServer, type Answer } from './campaign-server.fixture.ts'

const server = useCampaignServer()
const folder = mkdtempSync(join(tmpdir(), 'trunkline-test-'))
let token = ''
let workspaceId = 0

beforeAll(async () => {
  ;({ token, workspaceId } = await server.addWorkspace())
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function upload(file: string | Buffer, filename: string): Promise<Answer> {
  return server.sendParts(token, '/api/system/campaigns/', [
    { name: 'send_to_number_file', value: file, filename },
    { name: 'name', value: 'sheet' },
    { name: 'services', value: 'PHONE' },
  ])
}

const sheet = readFileSync(new URL('../../test/data/broken-sheet.csv', import.meta.url), 'utf8').replace(
  '\ufeff',
  '',
)
const cells: string[][] = parse(sheet, { delimiter: ';', relax_column_count: true, relax_quotes: true })
/** Rows as they come out: with what they became, whichever file they came in. */
async function outcome(answer: Answer): Promise<unknown> {
  expect([answer.status, answer.body.error]).toEqual([201, undefined])
  const { details } = answer.body.data
  const list = await server.send(token, 'GET', `/api/system/campaigns/number/${details.id}`)
  const numbers = list.body.data['number-lists'].map((one: Record<string, unknown>) => [
    one['given'],
    one['e164'],
    one['status'],
    one['available_tags'],
  ])
  const { accepted, duplicates, rejected, rejected_count, usable_tags } = details
  expect(accepted + duplicates + rejected_count).toBe(30)
  return { accepted, duplicates, rejected, rejected_count, usable_tags, numbers }
}

async function workbook(rows: readonly (string | number | Date | null)[][]): Promise<Buffer> {
  const writer = new XlsxStreamWriter({ name: 'People' })
  for (const row of rows) writer.addRow([...row])
  return Buffer.from(await writer.finish())
}

const reference = async (): Promise<unknown> => outcome(await upload(sheet, 'a.csv'))
const quote = (cell: string): string => (/[",;|\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

describe('the broken sheet', () => {
  test('comes out the same from a workbook, with shared texts and with texts in their cells', async () => {
    const expected = await reference()
    expect(await outcome(await upload(await workbook(cells), 'broken-sheet.xlsx'))).toEqual(expected)
    const path = join(folder, 'inline.xlsx')
    await pipeline(writeXlsxStream(cells, { name: 'People' }), createWriteStream(path))
    expect(await outcome(await upload(readFileSync(path), 'broken-sheet.xlsx'))).toEqual(expected)
  })

  test.each([',', '\t', '|'])('comes out the same with "%s" between its cells', async (delimiter) => {
    const text = cells.map((row) => row.map(quote).join(delimiter)).join('\r\n')
    expect(await outcome(await upload(text, 'a.csv'))).toEqual(await reference())
  })

  test('comes out the same in UTF-16 of either order, with its mark and without', async () => {
    const expected = await reference()
    const little = Buffer.from(sheet, 'utf16le')
    const big = Buffer.from(little).swap16()
    const mark = Buffer.from([0xff, 0xfe])
    const files = [
      little,
      big,
      Buffer.concat([mark, little]),
      Buffer.concat([Buffer.from(mark).swap16(), big]),
    ]
    for (const file of files) expect(await outcome(await upload(file, 'a.csv'))).toEqual(expected)
  })

  test('comes out the same in Latin-1, but for the letters that Latin-1 has not', async () => {
    const accented = sheet
      .replaceAll('Sita Rai', 'Sîtà Räi')
      .replace('राम थापा', 'Ram')
      .replace('९८४३८१२३४४', '9843812344')
      .replace('४०', '40')
    const expected = await outcome(await upload(accented, 'a.csv'))
    expect(await outcome(await upload(Buffer.from(accented, 'latin1'), 'a.csv'))).toEqual(expected)
    expect(JSON.stringify(expected)).toContain('Sîtà Räi')
  })
})

test('numbers, dates and empty cells of a workbook are what the sheet shows', async () => {
  const rows = [
    ['name', 'phone', 'born', 'share', 'note'],
    ['Ram', 9843812344, new Date('1990-04-13T00:00:00Z'), 0.1 + 0.2, null],
    [],
    ['Sita', 98675432123, new Date('2001-12-31T00:00:00Z'), 12, 'x'],
  ]
  const answer = await upload(await workbook(rows), 'people.xlsx')
  expect(answer.body.data.details.import).toMatchObject({ total: 3, done: 3 })
  const list = await server.send(token, 'GET', `/api/system/campaigns/number/${answer.body.data.details.id}`)
  expect(list.body.data['number-lists']).toMatchObject([
    {
      number: 98675432123,
      available_tags: { tags_name: 'Sita', tags_born: '2001-12-31', tags_share: '12', tags_note: 'x' },
    },
    { number: 9843812344, available_tags: { tags_name: 'Ram', tags_born: '1990-04-13', tags_share: '0.3' } },
  ])
})

/** A workbook by hand, so that it can be as bad as one likes. */
function zip(parts: readonly { name: string; content: Buffer; packed?: Buffer; claims?: number }[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, content, packed = deflateRawSync(content), claims = content.length } of parts) {
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(8, 8)
    head.writeUInt32LE(crc32(content), 14)
    head.writeUInt32LE(packed.length, 18)
    head.writeUInt32LE(claims, 22)
    head.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    head.copy(entry, 8, 6, 28)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    bodies.push(head, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    at += head.length + name.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, central, end])
}

const relation = (id: string, type: string, target: string): string =>
  `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`
const relations = (...all: string[]): Buffer => Buffer.from(`<Relationships>${all.join('')}</Relationships>`)

function workbookParts(sheetXml: Buffer, sharedXml = '<sst/>') {
  const book = '<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
  return [
    { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
    { name: '_rels/.rels', content: relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')) },
    { name: 'xl/workbook.xml', content: Buffer.from(book) },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations(
        relation('rId1', 'worksheet', 'worksheets/sheet1.xml'),
        relation('rId2', 'sharedStrings', 'sharedStrings.xml'),
      ),
    },
    { name: 'xl/sharedStrings.xml', content: Buffer.from(sharedXml) },
    { name: 'xl/worksheets/sheet1.xml', content: sheetXml },
  ]
}

const text = (...cellsOfRow: string[]): string =>
  `<row>${cellsOfRow.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`
const sheetOf = (...rows: string[]): Buffer =>
  Buffer.from(`<worksheet><sheetData>${rows.join('')}</sheetData></worksheet>`)
const simple = sheetOf(text('number'), text('9843812344'))

test('a workbook of the least parts is read', async () => {
  const answer = await upload(zip(workbookParts(simple)), 'a.xlsx')
  expect([answer.status, answer.body.data.details.accepted]).toEqual([201, 1])
})

const password = Buffer.concat([
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
  Buffer.alloc(600),
  Buffer.from('EncryptedPackage', 'utf16le'),
  Buffer.alloc(600),
])
const laughs = Array.from(
  { length: 9 },
  (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`,
).join('')
const far = '<row r="1048577"><c><v>1</v></c></row>'

test.each<[string, () => Buffer | Promise<Buffer>, string]>([
  [
    'rubbish behind the mark of a zip',
    () => Buffer.from('PK\u0003\u0004rest of a workbook'),
    'not_a_workbook',
  ],
  ['a zip that is no workbook', () => zip([{ name: 'a.txt', content: Buffer.from('x') }]), 'not_a_workbook'],
  ['a workbook that is cut off', async () => (await workbook(cells)).subarray(0, 1_500), 'not_a_workbook'],
  ['a workbook behind a password', () => password, 'workbook_locked'],
  [
    'a workbook of the old kind',
    () => Buffer.concat([password.subarray(0, 8), Buffer.alloc(4_000)]),
    'xls_not_supported',
  ],
  [
    'a workbook with macros',
    () => zip([...workbookParts(simple), { name: 'xl/vbaProject.bin', content: Buffer.from('x') }]),
    'workbook_macros',
  ],
  ['a sheet that unpacks to a gigabyte', () => bomb('xl/worksheets/sheet1.xml'), 'workbook_too_large'],
  ['shared texts that unpack to a gigabyte', () => bomb('xl/sharedStrings.xml'), 'workbook_too_large'],
  ['a sheet that lies about its size', () => bomb('xl/worksheets/sheet1.xml', 1_000), 'not_a_workbook'],
  ['shared texts that lie about their size', () => bomb('xl/sharedStrings.xml', 1_000), 'not_a_workbook'],
  [
    'entities that multiply',
    () =>
      zip(
        workbookParts(
          Buffer.from(
            `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><worksheet><row><c><v>&l9;</v></c></row></worksheet>`,
          ),
        ),
      ),
    'not_a_workbook',
  ],
  [
    'a row beyond the end of every sheet',
    () => zip(workbookParts(sheetOf(text('number'), far))),
    'workbook_too_large',
  ],
  [
    'rows that go backwards',
    () => zip(workbookParts(sheetOf('<row r="5"><c><v>1</v></c></row>', '<row r="2"/>'))),
    'not_a_workbook',
  ],
  ['elements in elements without end', () => padded('<a>', 30_000_000), 'not_a_workbook'],
  ['a text without an end', () => padded('0123456789', 100_000_000), 'workbook_too_large'],
  ['a tag without an end', () => padded('a="', 100_000_000, '<c '), 'workbook_too_large'],
  ['a comment without an end', () => padded('0123456789', 100_000_000, '<!--'), 'workbook_too_large'],
  ['a sheet that is no XML', () => zip(workbookParts(Buffer.from('<worksheet><row>'))), 'not_a_workbook'],
])('%s is refused at once, with little memory, and leaves nothing behind', async (_name, file, code) => {
  const bytes = await file()
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const startedAt = performance.now()
  const answer = await upload(bytes, 'a.xlsx')
  expect(answer.body).toMatchObject({ status: 400, code, param: 'send_to_number_file' })
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20)
  const [left] = await server.sql`
    select (select count(*) from uploads where workspace_id = ${workspaceId} and layout is null)::int as uploads`
  expect(left).toEqual({ uploads: 0 })
})

test('cells at the far corner of a sheet cost no more than themselves', async () => {
  const corner = '<row r="20001"><c r="A20001"><v>9843812345</v></c><c r="XFD20001"><v>1</v></c></row>'
  const answer = await upload(zip(workbookParts(sheetOf(text('number'), corner))), 'a.xlsx')
  expect(answer.status).toBe(201)
  expect(answer.body.data.details).toMatchObject({ accepted: 1, rejected_count: 0 })
})

/** A sheet that repeats itself for `length` bytes, with as much between as keeps it from packing all too well. */
function padded(piece: string, length: number, begin = ''): Buffer {
  const noise = `<v>${randomBytes(600_000).toString('hex')}</v>`
  const sheetXml = Buffer.concat([Buffer.from(`<worksheet>${noise}${begin}`), Buffer.alloc(length, piece)])
  return zip(workbookParts(sheetXml))
}

/** A part that packs a thousand times smaller than it is. */
async function bomb(name: string, claims?: number): Promise<Buffer> {
  const gigabyte = 1024
  const deflate = createDeflateRaw({ level: 1 })
  const pieces: Buffer[] = []
  deflate.on('data', (piece: Buffer) => pieces.push(piece))
  const block = Buffer.alloc(1024 * 1024, ' ')
  await pipeline(async function* () {
    for (let count = 0; count < gigabyte; count++) yield block
  }, deflate)
  const packed = Buffer.concat(pieces)
  const part = { name, content: Buffer.alloc(0), packed, claims: claims ?? gigabyte * block.length }
  return zip(workbookParts(simple).map((one) => (one.name === name ? part : one)))
}
