import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeBatch } from '../events/event-log.ts'
import { createWorld, type World } from '../../test/world.ts'
import { findText, findTextAbout, readTextHistory } from './message-query-store.ts'
import type { Text } from './text.ts'
import type { WantedText } from './text-queue.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ dialing: false })
})
afterEach(() => world.close())

function queue(wanted: Partial<WantedText>): Promise<Text> {
  const now = world.clock.now()
  return world.sql.begin(async (tx) => {
    const { text, batch } = await world.queueText(
      tx,
      {
        workspaceId: world.workspaceId,
        to: '+9779841000000',
        from: '+18005550100',
        body: 'Good morning',
        kind: 'single',
        lane: 'single',
        ...wanted,
      },
      now,
    )
    await closeBatch(tx, { now, workspaces: batch })
    return text
  })
}

test('a text waits with its lane, its segments and the beginning of its history', async () => {
  const text = await queue({ body: 'नमस्ते'.repeat(12), lane: 'reminder', kind: 'reminder' })
  expect(text).toMatchObject({ state: 'queued', lane: 'reminder', encoding: 'UCS-2', segments: 2 })
  const [first] = await readTextHistory(world.sql, world.workspaceId, text.id)
  expect(first).toMatchObject({ sequence: 1, kind: 'created', state: 'queued' })
})

test('what is stored in place of the body is all that the row has of it', async () => {
  const text = await queue({ body: 'Your code is 493817.', stored: 'Your code is {otp}.', kind: 'otp' })
  const facts = await findText(world.sql, world.workspaceId, text.id)
  expect(facts?.text.body).toBe('Your code is {otp}.')
  const [row] = await world.sql<{ hit: boolean }[]>`
    select texts::text like '%493817%' or events::text like '%493817%' as hit from texts, events`
  expect(row?.hit).toBe(false)
})

test('the newest text about something is found by its kind and subject', async () => {
  await queue({ kind: 'reminder', subject: 'agreement 7', body: 'old' })
  const newer = await queue({ kind: 'reminder', subject: 'agreement 7', body: 'new' })
  const about = { workspaceId: world.workspaceId, kind: 'reminder' as const, subject: 'agreement 7' }
  expect((await findTextAbout(world.sql, about))?.id).toBe(newer.id)
  expect(await findTextAbout(world.sql, { ...about, subject: 'agreement 8' })).toBeNull()
})

test('an empty text and one that no carrier takes are refused with what to do', async () => {
  await expect(queue({ body: '  ' })).rejects.toMatchObject({ code: 'missing_field' })
  await expect(queue({ body: 'x'.repeat(1_601) })).rejects.toMatchObject({ code: 'message_too_long' })
})

test('a transaction that does not commit leaves no text', async () => {
  const queued = world.sql.begin(async (tx) => {
    const wanted = {
      to: '+9779841000000',
      from: '+18005550100',
      body: 'x',
      kind: 'single',
      lane: 'single',
    } as const
    await world.queueText(tx, { workspaceId: world.workspaceId, ...wanted }, world.clock.now())
    throw new Error('changed my mind')
  })
  await expect(queued).rejects.toThrow('changed my mind')
  expect(await world.sql`select from texts`).toHaveLength(0)
})
