/** Letters that nobody sane would send. */
import { simulatedAuthToken } from '../../src/config.ts'
import { signRequest } from '../../simulator/signature.ts'
import type { Letter } from './post-office.ts'

type Random = () => number

const names = [
  'CallSid',
  'CallStatus',
  'CallDuration',
  'SequenceNumber',
  'ErrorCode',
  'SipResponseCode',
  'To',
  '__proto__',
  'constructor',
  '',
]
const values = [
  '',
  '0',
  '-1',
  '1e400',
  '9'.repeat(400),
  'NaN',
  'null',
  '\u0000',
  '\ud800',
  '🦜'.repeat(50),
  'completed',
  'ringing',
  "'; drop table calls; --",
  '<script>',
  '%00',
  '../../etc/passwd',
  '[]',
  '{}',
  'true',
  'CA',
  `CA${'z'.repeat(32)}`,
  '\r\n\r\n',
]
const types = [
  'application/x-www-form-urlencoded',
  'application/json',
  'text/plain',
  'multipart/form-data; boundary=x',
  '',
  'a/b;c',
]

/** A letter that cannot be meant: it never names another call of the carrier, for that would be genuine news. */
export function fuzzedLetter(random: Random, genuine: readonly Letter[], origin: string): Letter {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const model = pick(genuine)
  const path =
    random() < 0.7
      ? model.path.replace(/heard$/, 'status')
      : `/hooks/voice/${noise(random, 60)}/${pick(['status', 'heard', '', 'x'])}`
  const fields: Record<string, string> = random() < 0.5 ? Object.fromEntries(model.form) : {}
  for (let more = Math.floor(random() * 5); more > 0; more -= 1) fields[pick(names)] = pick(values)
  // Carriers may name calls as they like, so one word would be another call.
  const sid = fields['CallSid']
  if (sid !== undefined && sid !== model.form.get('CallSid') && /^[\w-]{2,64}$/.test(sid))
    fields['CallSid'] = `${sid}?`
  if (random() < 0.1) fields['Padding'] = 'x'.repeat(70_000)
  const asForm = random() < 0.8
  const body = asForm ? new URLSearchParams(fields).toString() : noise(random, 400)
  const signed = Object.fromEntries(new URLSearchParams(body))
  const signature =
    random() < 0.6 ? signRequest(simulatedAuthToken, origin + path, signed) : noise(random, 28)
  const headers = {
    'content-type': asForm ? (types[0] ?? '') : pick(types),
    'x-twilio-signature': latin(signature),
  }
  return { path, method: 'POST', headers, body, form: new URLSearchParams(body) }
}

function noise(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(random() * 90)))
    .join('')
    .replace(/[%#?\\/]/g, '_')
}

function latin(text: string): string {
  return text.replace(/[^\u0020-\u00ff]/g, '')
}
