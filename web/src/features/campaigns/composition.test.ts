import { expect, test } from 'vitest'
import { beginBody, emptyComposition, readComposition } from './composition.ts'

test('what was not chosen is sent as off, so that nothing from before stays in force unseen', () => {
  expect(beginBody({ ...emptyComposition, message: ' Hi ' })).toEqual({
    message: 'Hi',
    voice_input: 'np_rija',
    answering_machine: 'ignore',
    keypresses: null,
    record: false,
    calling_hours: null,
    retry: null,
    breaker: null,
    user_phone: [],
  })
})

test('a text has no voice, no sound and no keys', () => {
  const body = beginBody({ ...emptyComposition, service: 'SMS', message: 'Hi', soundId: 3, listens: true })
  expect(Object.keys(body).filter((name) => /voice|aud|key|record|machine|priority/.test(name))).toEqual([])
})

test('a sound beside a message says which is first, alone it does not', () => {
  const sound = { ...emptyComposition, soundId: 3, soundFirst: true }
  expect(beginBody(sound)).toMatchObject({ aud_file: 3 })
  expect(beginBody(sound).priority).toBeUndefined()
  expect(beginBody({ ...sound, message: 'Hi' }).priority).toBe('audio')
})

test('three attempts are two more after each of the outcomes', () => {
  expect(beginBody({ ...emptyComposition, attempts: 3, retryMinutes: 15 }).retry).toEqual({
    max_attempts: 3,
    no_answer: { times: 2, delay_minutes: 15 },
    busy: { times: 2, delay_minutes: 15 },
  })
})

test('rows without a key are left out', () => {
  const keys = [
    { key: '1', label: 'Yes', transferTo: '' },
    { key: ' ', label: '', transferTo: '' },
    { key: '2', label: 'Talk', transferTo: ' 9843812344 ' },
  ]
  expect(beginBody({ ...emptyComposition, listens: true, keys }).keypresses).toEqual({
    '1': { label: 'Yes', transfer_to: null },
    '2': { label: 'Talk', transfer_to: '9843812344' },
  })
})

test('a draft that cannot be read is none', () => {
  expect(readComposition('{')).toBeNull()
  expect(readComposition(null)).toBeNull()
  expect(readComposition('{"message":"Hi"}')?.message).toBe('Hi')
})
