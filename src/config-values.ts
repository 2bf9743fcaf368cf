import { isIP } from 'node:net'

/** The functions below return null, or false, for text that is not what their name says. */

/** `https://calls.example.com/` becomes `https://calls.example.com`; a path, query or user name is refused. */
export function parseOrigin(text: string): string | null {
  const url = urlOf(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return null
  return url.href === `${url.origin}/` ? url.origin : null
}

export function parseUrlWith(text: string, protocols: readonly string[]): string | null {
  const url = urlOf(text)
  return url && protocols.includes(url.protocol) ? text : null
}

/** An instant with its offset: without one it would mean another moment on another machine. */
export function parseInstant(text: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(text)) return null
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? null : at
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** An ISO 3166 country code, in capitals. */
export function parseRegion(text: string): string | null {
  const code = text.toUpperCase()
  return /^[A-Z]{2}$/.test(code) && regionNames.of(code) !== undefined ? code : null
}

export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** True for names and addresses that never leave this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

/** Who speaks messages: the voices inside, the carrier, or the service at an address. */
export type SpeechChoice = 'embedded' | 'carrier' | Readonly<{ address: string }>

export function parseSpeech(text: string): SpeechChoice | null {
  const word = text.toLowerCase()
  if (word === 'embedded' || word === 'carrier') return word
  const address = parseUrlWith(text, ['http:', 'https:'])
  return address === null ? null : { address }
}

/** A reader of texts of one form. */
export function matching(form: RegExp): (text: string) => string | null {
  return (text) => (form.test(text) ? text : null)
}

/** Addresses and CIDR ranges, parted by commas. */
export function parseAddressRanges(text: string): string[] | null {
  const parts = text.split(',').flatMap((part) => part.trim() || [])
  return parts.every(isAddressRange) ? parts : null
}

/** Hosts with or without a port, parted by commas, as URLs spell them. */
export function parseHosts(text: string): string[] | null {
  const hosts = text.split(',').flatMap((part) => part.trim().toLowerCase() || [])
  return hosts.every((host) => urlOf(`http://${host}`)?.href === `http://${host}/`) ? hosts : null
}
