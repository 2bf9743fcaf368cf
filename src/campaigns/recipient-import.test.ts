import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CsvReader, sniffDelimiter, type Delimiter } from './csv-reader.ts'
import { detectLayout, mergeDuplicates, readRecipient, recipientOf, tagName } from './recipient-import.ts'
import { Utf8Converter } from './text-decoder.ts'

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000)

async function recordsOf(text: string | Buffer, delimiter: Delimiter = ','): Promise<string[][]> {
  const records: string[][] = []
  const reader = new CsvReader(delimiter, (record) => records.push(record))
  await reader.write(Buffer.from(text))
  await reader.end()
  return records
}

function decode(bytes: Buffer, pieceSize = bytes.length): { text: string; encoding: string | null } {
  const converter = new Utf8Converter()
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceSize)
    pieces.push(Buffer.from(converter.push(bytes.subarray(at, at + pieceSize))))
  pieces.push(converter.end())
  return { text: Buffer.concat(pieces).toString(), encoding: converter.encoding }
}

const sheet = 'नाम,number,Café\nराम थापा,9843812344,€ crème\n'

test('text of every encoding becomes the same UTF-8', () => {
  const utf16be = Buffer.from(`\ufeff${sheet}`, 'utf16le').swap16()
  const written: [Buffer, string][] = [
    [Buffer.from(sheet), 'utf-8'],
    [Buffer.from(`\ufeff${sheet}`), 'utf-8'],
    [Buffer.from(`\ufeff${sheet}`, 'utf16le'), 'utf-16le'],
    [utf16be, 'utf-16be'],
  ]
  for (const [bytes, encoding] of written) {
    for (const size of [bytes.length, 7, 64]) expect(decode(bytes, size)).toEqual({ text: sheet, encoding })
  }
  const latin = Buffer.from('name,number\nJosé Müller,9843812344\n', 'latin1')
  expect(decode(latin)).toEqual({ text: 'name,number\nJosé Müller,9843812344\n', encoding: 'windows-1252' })
  expect(decode(latin, 5).text).toBe('name,number\nJosé Müller,9843812344\n')
  expect(decode(Buffer.from('a,b\nx,1\n', 'utf16le')).encoding).toBe('utf-16le')
})

test('one broken byte does not turn a UTF-8 file into another encoding', () => {
  const bytes = Buffer.concat([Buffer.from('राम थापा'), Buffer.from([0xff]), Buffer.from(' José')])
  expect(decode(bytes).text).toBe('राम थापा\ufffd José')
})

test('any UTF-8 text comes out as it went in, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 4 }),
      fc.integer({ min: 4, max: 9 }),
      (text, size) => {
        fc.pre(!text.startsWith('\ufeff') && !text.includes('\0'))
        expect(decode(Buffer.from(text), size).text).toBe(text)
      },
    ),
    { numRuns: 3_000, seed },
  )
})

test.each([
  ['a,b,c\n1,2,3\n', ','],
  ['name;number\n"x, y";9843812344\n', ';'],
  ['name\tnumber\nx\t1\n', '\t'],
  ['name|number\nx|1\n', '|'],
  ['number\n9843812344\n', ','],
  ['', ','],
] as const)('the delimiter of %j is %j', (text, delimiter) => {
  expect(sniffDelimiter(text)).toBe(delimiter)
})

test('line ends of every system part records', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    expect(await recordsOf(`a,b${end}1,2${end}`)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ])
  }
})

/** As the library alone reads it. */
function recordsOfLibrary(text: string): string[][] {
  const options = { record_delimiter: ['\r\n', '\n', '\r'], relax_quotes: true, relax_column_count: true }
  return parse(text, options)
}

async function recordsInPieces(text: string, size: number): Promise<string[][]> {
  const records: string[][] = []
  const reader = new CsvReader(',', (record) => records.push(record))
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) await reader.write(bytes.subarray(at, at + size))
  await reader.end()
  return records
}

test('every text is read as the library reads it, however it is cut', async () => {
  const piece = fc.constantFrom(
    ',',
    '"',
    '""',
    '\n',
    '\r',
    '\r\n',
    'a',
    ' ',
    'é',
    'राम',
    '"x, y"',
    '"a\nb"',
    '12',
  )
  const texts = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 30 }), async (text, size) => {
      const expected = outcomeOf(() => recordsOfLibrary(text))
      expect(await outcomeOf(() => recordsInPieces(text, size))).toEqual(await expected)
    }),
    { numRuns: 3_000, seed },
  )
})

async function outcomeOf(read: () => string[][] | Promise<string[][]>): Promise<string[][] | 'refused'> {
  try {
    return await read()
  } catch {
    return 'refused'
  }
}

test('a line is counted however many a record before it has', async () => {
  await expect(recordsOf('a,b\r\n"1\n2\r\n3",x\r\n"x,3\n4,5\n')).rejects.toThrow('line 5 is never closed')
  await expect(recordsOf('a,b\n"1\n2",5" wide\n"x,3\n4,5\n')).rejects.toThrow('line 4 is never closed')
})

test('what is no CSV is refused with its line', async () => {
  await expect(recordsOf('a,b\n1,2\n"x,3\n4,5\n')).rejects.toThrow('line 3 is never closed')
  await expect(recordsOf(`a,b\n${'x'.repeat(1_100_000)}`)).rejects.toThrow('line 2 is longer than 1 MiB')
})

const layoutOf = (text: string, delimiter: Delimiter = ',') =>
  recordsOf(text, delimiter).then((records) => detectLayout(records, 'NP'))

test('the number column is found by its name', async () => {
  for (const name of [
    'number',
    'Numbers',
    'PHONE',
    'Mobile No.',
    'contact_number',
    'Contact Number',
    'phone-number',
    'फोन',
  ]) {
    const layout = await layoutOf(`id,${name},Age\n9843812344,x,31\n`)
    expect(layout).toMatchObject({ hasHeader: true, numberColumn: 1, tags: ['tags_id', null, 'tags_age'] })
  }
})

test('of several columns with such names the one that holds numbers is taken', async () => {
  const layout = await layoutOf('contact,phone,mobile\nRam,n/a,9843812344\nSita,,9851023212\n')
  expect(layout).toMatchObject({ numberColumn: 2, tags: ['tags_contact', 'tags_phone', null] })
})

test('the number column is found by its content, with and without a header', async () => {
  expect(await layoutOf('who,where\nRam,9843812344\nSita,9851023212\n')).toMatchObject({
    hasHeader: true,
    numberColumn: 1,
    tags: ['tags_who', null],
  })
  expect(await layoutOf('9843812344,Ram\n9851023212,Sita\n')).toMatchObject({
    hasHeader: false,
    numberColumn: 0,
    tags: [null, 'tags_column_2'],
  })
  expect(await layoutOf('who,age\nRam,31\nSita,32\n')).toBeNull()
})

test('headers become tags', async () => {
  const names: [string, string][] = [
    ['Full Name', 'tags_full_name'],
    ['  Mobile-Nr.  (2) ', 'tags_mobile_nr_2'],
    ['tags_age', 'tags_age'],
    ['TAGS AGE', 'tags_age'],
    ['नाम थर', 'tags_नाम_थर'],
    ['Cafe\u0301', 'tags_café'],
    ['__proto__', 'tags_proto'],
  ]
  for (const [header, tag] of names) expect(tagName(header)).toBe(tag)
  expect(await layoutOf('number,Age,age,,AGE\n9843812344,1,2,3,4\n')).toMatchObject({
    tags: [null, 'tags_age', 'tags_age_2', 'tags_column_4', 'tags_age_3'],
  })
})

test('a record gives its recipient; empty cells are no values and blank lines nobody', () => {
  const layout = {
    delimiter: ',' as const,
    hasHeader: true,
    numberColumn: 0,
    columns: ['number', 'name', 'age'],
    tags: [null, 'tags_name', 'tags_age'],
    rows: 9,
  }
  expect(recipientOf([' 9843812344 ', ' Ram ', ''], layout, 'NP')).toMatchObject({
    e164: '+9779843812344',
    timeZone: 'Asia/Katmandu',
    tags: { tags_name: 'Ram' },
  })
  expect(recipientOf(['9843812344', 'Ram', '31', 'too', 'many'], layout, 'NP')?.tags).toEqual({
    tags_name: 'Ram',
    tags_age: '31',
  })
  expect(recipientOf(['', 'Ram'], layout, 'NP')).toMatchObject({ grade: 'invalid', reason: 'no_number' })
  expect(recipientOf([''], layout, 'NP')).toBeNull()
  expect(recipientOf(['', ' ', ''], layout, 'NP')).toBeNull()
})

test('duplicates are merged into the first, which takes over the tags it lacks', () => {
  const merged = mergeDuplicates([
    readRecipient('9843812344', 'NP', { tags_name: 'Ram' }),
    readRecipient('n/a', 'NP'),
    readRecipient('+977 9843812344', 'NP', { tags_name: 'Other', tags_age: '3' }),
    readRecipient('n/a', 'NP'),
  ])
  expect(merged.map((one) => [one.given, one.tags])).toEqual([
    ['9843812344', { tags_name: 'Ram', tags_age: '3' }],
    ['n/a', {}],
    ['n/a', {}],
  ])
})
