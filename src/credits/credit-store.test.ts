import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { transaction } from '../db/sql.ts'
import { readCredits, settleCredits } from './credit-store.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

test('what nothing was held for is charged all the same, and takes nothing from what is on hold', async () => {
  const { workspaceId, clock } = world
  const { sql } = world.database
  const usage = { workspaceId, kind: 'run' as const, subject: '1', cost: 3, ends: false }
  await transaction(sql, (tx) => settleCredits(tx, [usage], clock.now()))
  expect(await readCredits(sql, workspaceId)).toEqual({ used: 3, held: 0 })
})
