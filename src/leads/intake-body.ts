/** The bytes of a dialer's message as members, whatever form they came in, and what of them is kept. Pure. */
import { AppError } from '../errors.ts'
import { isRecord } from '../http/coercion.ts'
import { isAbsent } from './lead-fields.ts'

export type Members = Readonly<Record<string, unknown>>

/** What came, as far as it could be read. `kept` is what the log stores: nothing secret, and not without bound. */
export type ReadBody =
  { ok: true; members: Members; kept: Members } | { ok: false; error: AppError; kept: Members }

export type GivenBody = { contentType: string | undefined; bytes: Buffer; query: string }

const mostRaw = 64 * 1024
const mostOthers = 200
const longestOther = 2_000

/** Reads a body of any of the three kinds together with the query; the body's members count where both have one. */
export async function readIntakeBody(given: GivenBody): Promise<ReadBody> {
  const queried = readForm(Buffer.from(given.query, 'latin1'))
  try {
    const posted = await readPosted(given)
    const members = storable({ ...queried, ...withValues(posted, queried) })
    return { ok: true, members, kept: { members: keptMembers(members) } }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const raw = withoutSecrets(clean(decode(given.bytes)).slice(0, mostRaw))
    const content_type = given.contentType?.slice(0, 200) ?? null
    return { ok: false, error, kept: { raw, content_type, members: keptMembers(queried) } }
  }
}

/** A message of the log again, as far as it can be read now. */
export async function readKept(kept: Members): Promise<ReadBody> {
  const members = isRecord(kept['members']) ? kept['members'] : {}
  const raw = kept['raw']
  if (typeof raw !== 'string') return { ok: true, members, kept }
  const said = await readIntakeBody({ contentType: undefined, bytes: Buffer.from(raw), query: '' })
  return said.ok ? { ...said, members: { ...members, ...said.members } } : said
}

/** A member of a body that says nothing does not hide the one of the query. */
function withValues(posted: Members, queried: Members): Members {
  const telling = Object.entries(posted).filter(
    ([name, value]) => !(name in queried) || !(typeof value === 'string' ? isAbsent(value) : value === null),
  )
  return Object.fromEntries(telling)
}

async function readPosted({ contentType, bytes }: GivenBody): Promise<Members> {
  if (bytes.length === 0) return {}
  const kind = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (kind === 'multipart/form-data') return readParts(bytes, contentType ?? '')
  const isForm = kind === 'application/x-www-form-urlencoded' || kind === ''
  // Command lines announce a form whatever they send.
  if (isForm && !/^\s*\{/.test(bytes.toString('latin1', 0, 100))) return readForm(bytes)
  if (isForm || kind === 'application/json' || kind.endsWith('+json')) return readJson(bytes)
  throw new AppError(
    'unsupported_media',
    'unsupported_media_type',
    'This Content-Type is not known here. Send application/json, application/x-www-form-urlencoded or multipart/form-data.',
  )
}

function readJson(bytes: Buffer): Members {
  let value: unknown
  try {
    value = JSON.parse(numbersAsText(decode(bytes).replace(/^\uFEFF/, '')))
  } catch (error) {
    throw unreadable('The request could not be read: its body is not what its Content-Type says.', error)
  }
  if (!isRecord(value)) throw unreadable('The body must be one JSON object with the members of a lead.')
  return value
}

/**
 * Ids may be longer than a number holds, and one that ends in a zero is not the one without it. A text that has no end
 * is looked at once, to the end of the body.
 */
function numbersAsText(json: string): string {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs, (token) =>
    token.startsWith('"') || /[eE]/.test(token) || /^-?0\d/.test(token) ? token : `"${token}"`,
  )
}

async function readParts(bytes: Buffer, contentType: string): Promise<Members> {
  try {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': contentType },
    }).formData()
    return gather([...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
  } catch (error) {
    throw unreadable(
      'The multipart body ends too early or has no valid boundary. Let your HTTP library write it.',
      error,
    )
  }
}

function readForm(bytes: Buffer): Members {
  const pairs = bytes
    .toString('latin1')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [unescaped(name), unescaped(value)] as const
    })
  return gather(pairs)
}

/** A repeated name means its last value that says something. */
function gather(pairs: readonly (readonly string[])[]): Members {
  const members = new Map<string, string>()
  for (const [name = '', value = ''] of pairs) {
    const known = members.get(name)
    if (known === undefined || !isAbsent(value)) members.set(name, value)
  }
  return Object.fromEntries(members)
}

/** Older dialers write names in the letters of western Europe, a byte each. */
function unescaped(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decode(Buffer.from(bytes, 'latin1'))
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const western = new TextDecoder('windows-1252')

function decode(bytes: Buffer): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return western.decode(bytes)
  }
}

// PostgreSQL stores neither: a NUL ends a text, half of a surrogate pair is no character.
const unstorable = /[\0\p{Surrogate}]/gu

/** Members whose texts can be stored. */
function storable(members: Members): Members {
  const entries = Object.entries(members).map(([name, value]) => [clean(name), storableValue(value)])
  return Object.fromEntries(entries)
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (isTooDeep(value)) return '[nested too deeply]'
  return Array.isArray(value)
    ? value.map((item: unknown) => (typeof item === 'string' ? clean(item) : item))
    : value
}

/** No member of a lead is nested beyond the reach of the stack: the lead counts, and not what is in there. */
function isTooDeep(value: unknown): boolean {
  try {
    return JSON.stringify(value) === null
  } catch (error) {
    if (error instanceof RangeError) return true
    throw error
  }
}

/** A text without what cannot be stored. */
export function clean(text: string): string {
  return text.replaceAll(unstorable, '')
}

const secretName = /pass(word)?$|^api_?key$|^x-dialer-api-key$/i

/** What is kept of members: texts, without passwords and keys; of an odd one only how it begins. */
function keptMembers(members: Members): Members {
  const kept = Object.entries(members)
    .filter(([name]) => !secretName.test(name.trim()))
    .slice(0, mostOthers)
    .map(([name, value]) => [clean(name).slice(0, 100), keptValue(value)])
  return Object.fromEntries(kept)
}

function keptValue(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (typeof value !== 'object' || value === null) return value
  return clean(JSON.stringify(value)).slice(0, longestOther)
}

function withoutSecrets(raw: string): string {
  return raw
    .replaceAll(/((?:pass(?:word)?|api_?key)["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^&,;}\s]*)/gi, '$1[removed]')
    .replaceAll(/(pass(?:word)?"?[ \t]*\r?\n\r?\n)[^\r\n]*/gi, '$1[removed]')
}

function unreadable(message: string, cause?: unknown): AppError {
  return new AppError('invalid', 'unreadable_body', message, cause === undefined ? {} : { cause })
}
