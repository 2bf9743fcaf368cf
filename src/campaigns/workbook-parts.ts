/** What the small parts of a workbook say: which sheet is the first, which cells are dates, the shared texts. */
import type { Readable } from 'node:stream'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { explained, notAWorkbook, tooLarge, type Archive } from './workbook-archive.ts'

/** Characters and texts that one workbook may share between its cells: more than a million rows need. */
const mostSharedCharacters = 64 * 1024 * 1024
const mostSharedTexts = 4_000_000
/** Characters without a tag that begins or ends. A cell holds 32,767. */
const mostUnbroken = 4 * 1024 * 1024
/** A workbook needs about ten. */
const deepestNesting = 100
const scannedAtOnce = 64 * 1024

export type WorkbookParts = {
  /** The part that holds the first visible sheet. */
  sheet: string
  sharedTexts: readonly string[]
  /** Whether cells of a style show their number as a date. */
  isDateStyle(style: number): boolean
  /** Days are counted from 1904, as old Macintosh workbooks do. */
  from1904: boolean
}

/** Reads everything but the sheet. Throws AppError `not_a_workbook` or `workbook_too_large`. */
export async function readParts(archive: Archive): Promise<WorkbookParts> {
  const root = await relations(archive, '')
  const book = root.find((one) => one.type.endsWith('/officeDocument'))?.target ?? 'xl/workbook.xml'
  const bookXml = await archive.text(book)
  if (bookXml === null) throw notAWorkbook()
  const { firstSheet, from1904 } = readBook(bookXml)
  const related = await relations(archive, book)
  const sheet = related.find((one) => one.id === firstSheet)
  if (sheet === undefined) throw notAWorkbook()
  const shared = related.find((one) => one.type.endsWith('/sharedStrings'))
  const styles = related.find((one) => one.type.endsWith('/styles'))
  const sharedStream = shared === undefined ? null : await archive.stream(shared.target)
  const stylesXml = styles === undefined ? null : await archive.text(styles.target)
  const dateStyles = stylesXml === null ? [] : readDateStyles(stylesXml)
  return {
    sheet: sheet.target,
    sharedTexts: sharedStream === null ? [] : await readSharedTexts(sharedStream),
    isDateStyle: (style) => dateStyles[style] === true,
    from1904,
  }
}

export type XmlEvents = {
  opentag: (tag: SaxesTagPlain) => void
  text?: (text: string) => void
  closetag?: (tag: SaxesTagPlain) => void
}

/**
 * Reads XML as it comes; null ends it. Throws at the first thing that is no XML, and at what is only there to be held in
 * memory: entities of the file's own making, elements in elements without end, a text, tag or comment of megabytes.
 */
export function xmlReader(on: XmlEvents): (text: string | null) => void {
  const parser = new SaxesParser({ position: false })
  let depth = 0
  let unbroken = 0
  parser.on('error', (error) => {
    throw notAWorkbook(error)
  })
  // A document type is how XML is made to grow; no spreadsheet program writes one.
  parser.on('doctype', () => {
    throw notAWorkbook()
  })
  parser.on('opentag', (tag) => {
    unbroken = 0
    if ((depth += 1) > deepestNesting) throw notAWorkbook()
    on.opentag(tag as SaxesTagPlain)
  })
  if (on.text) parser.on('text', on.text)
  parser.on('closetag', (tag) => {
    unbroken = 0
    depth -= 1
    on.closetag?.(tag as SaxesTagPlain)
  })
  return (text) => {
    try {
      if (text === null) parser.close()
      else parser.write(text)
    } catch (error) {
      throw explained(error)
    }
    if ((unbroken += text?.length ?? 0) > mostUnbroken) throw tooLarge()
  }
}

/** The name of an element without the prefix that some programs write. */
export function localName(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}

/** A part as text, piece by piece as it unpacks; the next piece is unpacked when it is asked for. */
export async function* textOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  try {
    for await (const piece of stream) yield decoder.decode(piece as Buffer, { stream: true })
  } catch (error) {
    throw explained(error)
  }
  yield decoder.decode()
}

/** Texts that are continued with `_x000D_` and the like, as workbooks write control characters. */
export function plainText(text: string): string {
  if (!text.includes('_x')) return text
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

type Relation = { id: string; type: string; target: string }

async function relations(archive: Archive, of: string): Promise<Relation[]> {
  const slash = of.lastIndexOf('/')
  const folder = of.slice(0, slash + 1)
  const xml = await archive.text(`${folder}_rels/${of.slice(slash + 1)}.rels`)
  const found: Relation[] = []
  if (xml === null) return found
  scan(xml, (name, tag) => {
    const { Id: id = '', Type: type = '', Target: target = '' } = tag.attributes
    if (name === 'Relationship') found.push({ id, type, target: resolved(folder, target) })
  })
  return found
}

function resolved(folder: string, target: string): string {
  return new URL(target, `zip:///${folder}`).pathname.slice(1)
}

function readBook(xml: string): { firstSheet: string; from1904: boolean } {
  let firstSheet = ''
  let from1904 = false
  scan(xml, (name, tag) => {
    const { attributes } = tag
    if (name === 'workbookPr') from1904 = attributes['date1904'] === '1' || attributes['date1904'] === 'true'
    if (name !== 'sheet' || firstSheet !== '' || (attributes['state'] ?? 'visible') !== 'visible') return
    firstSheet =
      Object.entries(attributes).find(([key]) => localName(key) === 'id' && key !== 'id')?.[1] ?? ''
  })
  return { firstSheet, from1904 }
}

function readDateStyles(xml: string): boolean[] {
  const customDates = new Map<string, boolean>()
  const styles: boolean[] = []
  let inCellFormats = false
  scan(xml, (name, tag) => {
    if (name === 'numFmt')
      customDates.set(tag.attributes['numFmtId'] ?? '', showsDate(tag.attributes['formatCode'] ?? ''))
    if (name === 'cellXfs') inCellFormats = true
    if (name === 'cellStyles' || name === 'dxfs') inCellFormats = false
    if (name !== 'xf' || !inCellFormats) return
    const format = tag.attributes['numFmtId'] ?? '0'
    styles.push(customDates.get(format) ?? isBuiltInDate(Number(format)))
  })
  return styles
}

/** The formats that every program knows by their number. */
function isBuiltInDate(format: number): boolean {
  return (format >= 14 && format <= 22) || (format >= 27 && format <= 36) || (format >= 45 && format <= 58)
}

function showsDate(format: string): boolean {
  return /[dmyhs]/i.test(format.replace(/"[^"]*(?:"|$)|\\.|\[[^\]]*(?:\]|$)|General/gi, ''))
}

async function readSharedTexts(stream: Readable): Promise<string[]> {
  const texts: string[] = []
  let characters = 0
  let text = ''
  let depthOfPhonetic = 0
  let inText = false
  const write = xmlReader({
    opentag(tag) {
      const name = localName(tag.name)
      if (name === 'si') text = ''
      if (name === 'rPh') depthOfPhonetic += 1
      inText = name === 't' && depthOfPhonetic === 0
    },
    text(piece) {
      if (!inText) return
      characters += piece.length
      if (characters > mostSharedCharacters) throw tooLarge()
      text += piece
    },
    closetag(tag) {
      const name = localName(tag.name)
      if (name === 'rPh') depthOfPhonetic -= 1
      if (name === 't') inText = false
      if (name !== 'si') return
      if (texts.length >= mostSharedTexts) throw tooLarge()
      texts.push(plainText(text))
    },
  })
  for await (const piece of textOf(stream)) write(piece)
  write(null)
  return texts
}

function scan(xml: string, onTag: (name: string, tag: SaxesTagPlain) => void): void {
  const write = xmlReader({ opentag: (tag) => onTag(localName(tag.name), tag) })
  for (let at = 0; at < xml.length; at += scannedAtOnce) write(xml.slice(at, at + scannedAtOnce))
  write(null)
}
