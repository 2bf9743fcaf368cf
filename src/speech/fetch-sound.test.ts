/** Where an address that somebody named may lead: nowhere inside, however it is written. */
import { expect, test } from 'vitest'
import { fetchSound } from './fetch-sound.ts'

const hosts = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0x7f.1',
  '127.0.0.1.',
  '0',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00::1]',
  '[ff02::1]',
  '[2002:7f00:1::]',
  '[2001:db8::1]',
  'localhost',
  'LOCALHOST',
  '１２７.０.０.１',
]
const addresses = [
  ...hosts.flatMap((host) => [`https://${host}/a.wav`, `https://${host}:5432/a.wav`]),
  'http://example.com/a.wav',
  'ftp://example.com/a.wav',
  'file:///etc/passwd',
  'gopher://example.com/',
  'data:audio/wav;base64,AA==',
  'javascript:0',
  '//example.com/a.wav',
  'https://',
  '../../etc/passwd',
  'https://user@example.com/a.wav',
  'https://user:word@example.com/a.wav',
  'https://example.com@127.0.0.1/',
]

test.each(addresses)('%s is refused before anything is asked of it', async (address) => {
  const reading = (async () => {
    for await (const _ of fetchSound(address, 'audio_url')) throw new Error('something was read')
  })()
  await expect(reading).rejects.toMatchObject({ code: 'address_refused' })
})
