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

const agentId = '0190163d-8694-739b-aea5-966c26f8ad91'

test('rows without a key are left out, and a key joins with an agent, a number or nobody', () => {
  const keys = [
    { key: '1', label: 'Yes', transferTo: null },
    { key: ' ', label: '', transferTo: '' },
    { key: '2', label: 'Talk', transferTo: ' 9843812344 ' },
    { key: '3', label: 'Ann', transferTo: agentId },
    { key: '4', label: 'Later', transferTo: '' },
  ]
  expect(beginBody({ ...emptyComposition, listens: true, keys }).keypresses).toEqual({
    '1': { label: 'Yes', transfer_to: null },
    '2': { label: 'Talk', transfer_to: '9843812344' },
    '3': { label: 'Ann', transfer_to: agentId },
    '4': { label: 'Later', transfer_to: null },
  })
})

test('a draft that cannot be read is none', () => {
  expect(readComposition('{')).toBeNull()
  expect(readComposition(null)).toBeNull()
  expect(readComposition('{"message":"Hi"}')?.message).toBe('Hi')
})
