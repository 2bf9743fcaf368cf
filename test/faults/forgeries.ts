/** Letters that look like the carrier's and are not. */
import { createHash } from 'node:crypto'
import { simulatedAuthToken } from '../../src/config.ts'
import { signRequest } from '../../simulator/signature.ts'
import type { Letter } from './post-office.ts'

export type Forgery = { name: string; letter: Letter; accepts: readonly number[] }

const refused = [403]

/** Each way of forging a genuine letter. `other` is a genuine letter about another call. */
export function forgeries(genuine: Letter, other: Letter, origin: string): Forgery[] {
  const signature = String(genuine.headers['x-twilio-signature'])
  const form = Object.fromEntries(genuine.form)
  const signed = (value: string | null): Letter => ({ ...genuine, headers: withSignature(genuine, value) })
  const changed = (fields: Record<string, string>): Letter => ({
    ...genuine,
    body: new URLSearchParams(fields).toString(),
  })
  const sign = (address: string, fields = form, token = simulatedAuthToken) =>
    signRequest(token, address, fields)
  const address = origin + genuine.path
  const { Timestamp: _left, ...fewer } = form
  const json = JSON.stringify(form)
  return [
    { name: 'no signature', letter: signed(null), accepts: refused },
    { name: 'an empty signature', letter: signed(''), accepts: refused },
    { name: 'a signature of noughts', letter: signed(`${'A'.repeat(27)}=`), accepts: refused },
    { name: 'a signature cut short', letter: signed(signature.slice(0, -2)), accepts: refused },
    { name: 'a signature in small letters', letter: signed(signature.toLowerCase()), accepts: refused },
    { name: 'two signatures', letter: signed(`${signature}, ${signature}`), accepts: refused },
    {
      name: 'signed with the key of another account',
      letter: signed(sign(address, form, 'another-key')),
      accepts: refused,
    },
    {
      name: 'signed for another scheme',
      letter: signed(sign(address.replace('http:', 'https:'))),
      accepts: refused,
    },
    {
      name: 'signed for another port',
      letter: signed(sign(address.replace(/:\d+/, ':1'))),
      accepts: refused,
    },
    {
      name: 'signed for another host',
      letter: signed(sign(address.replace('127.0.0.1', 'localhost'))),
      accepts: refused,
    },
    {
      name: 'sent to the address of another call',
      letter: { ...genuine, path: other.path },
      accepts: refused,
    },
    {
      name: 'with a query behind its address',
      letter: { ...genuine, path: `${genuine.path}?a=1` },
      accepts: refused,
    },
    { name: 'with another status', letter: changed({ ...form, CallStatus: 'failed' }), accepts: refused },
    {
      name: 'with another call',
      letter: changed({ ...form, CallSid: `CA${'d'.repeat(32)}` }),
      accepts: refused,
    },
    { name: 'with one field more', letter: changed({ ...form, ErrorCode: '30001' }), accepts: refused },
    { name: 'with one field less', letter: changed(fewer), accepts: refused },
    {
      name: 'with a field twice',
      letter: { ...genuine, body: `${genuine.body}&CallStatus=failed` },
      accepts: refused,
    },
    {
      // The signed text is the same: names and values are not told apart in it. It says nothing about a status, though.
      name: 'with a letter moved from a value to its name',
      letter: changed(moved(form)),
      accepts: [400, 403],
    },
    {
      name: 'as JSON with the sum of its body',
      letter: {
        ...genuine,
        path: `${genuine.path}?bodySHA256=${createHash('sha256').update(json).digest('hex')}`,
        headers: { ...genuine.headers, 'content-type': 'application/json' },
        body: json,
      },
      accepts: [403, 415],
    },
    { name: 'by GET', letter: { ...genuine, method: 'GET' }, accepts: [403, 404, 405] },
  ]
}

function withSignature({ headers }: Letter, value: string | null): Letter['headers'] {
  const { 'x-twilio-signature': _genuine, ...rest } = headers
  return value === null ? rest : { ...rest, 'x-twilio-signature': value }
}

function moved(form: Record<string, string>): Record<string, string> {
  const { CallStatus = 'completed', ...rest } = form
  return { ...rest, [`CallStatus${CallStatus.slice(0, 1)}`]: CallStatus.slice(1) }
}
