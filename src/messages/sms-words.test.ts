import { expect, test } from 'vitest'
import { smsWord } from './sms-words.ts'

test.each([
  'STOP',
  'stop.',
  ' Stop! ',
  'UNSUBSCRIBE',
  'cancel',
  'END',
  'quit',
  'Stop all',
  'please stop',
  'stop stop',
])('%s means stop', (text) => expect(smsWord(text)).toBe('stop'))

test.each(['रोक्नुहोस्', 'रोक्नुहोस', 'बन्द', 'बन्द गर्नुहोस्', 'कृपया बन्द गर्नुहोस् ।', 'न\u200dपठाउनुहोस्'])(
  '%s means stop',
  (text) => expect(smsWord(text)).toBe('stop'),
)

test.each(['START', 'unstop', 'Yes', 'सुरु', 'सुरु गर्नुहोस्'])('%s means start', (text) =>
  expect(smsWord(text)).toBe('start'),
)

test.each(['HELP', 'help?', 'info', 'मद्दत', 'सहायता'])('%s means help', (text) =>
  expect(smsWord(text)).toBe('help'),
)

test.each([
  '',
  '👍',
  'Can we stop by at five?',
  'I will start on Monday',
  'the end is near',
  'बन्द छ कि खुला छ?',
])('"%s" is an ordinary text', (text) => expect(smsWord(text)).toBeNull())
