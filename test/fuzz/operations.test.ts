/**
 * A small sample of `npm run test:faults -- --only "input: every operation"`: every operation of the API is sent
 * requests made from its own description and from what nobody should send.
 */
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simulatedAccountSid, simulatedAuthToken } from '../../src/config.ts'
import { startCarrier, type RunningCarrier } from '../../simulator/carrier.ts'
import { createLog } from '../../src/log.ts'
import { createHttpWorld, testDialerKey, type HttpWorld } from '../http-world.ts'
import { fuzz } from './fuzz.ts'
import { keepAdmin } from './keep-admin.ts'

const perOperation = Number(process.env['FUZZ'] ?? 6)
const seed = Number(process.env['SEED'] ?? 1)

const folder = mkdtempSync(join(tmpdir(), 'trunkline-fuzz-'))
let phones: RunningCarrier
let world: HttpWorld
beforeAll(async () => {
  phones = await startCarrier({
    port: 0,
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    ledgerPath: join(folder, 'ledger.jsonl'),
    seed,
    speed: 1_000,
    profile: 'all-answer',
  })
  const log = createLog({ level: 'error' })
  world = await createHttpWorld({ carrierUrl: phones.url, log })
})
afterAll(async () => {
  await world.close()
  await phones.close()
  rmSync(folder, { recursive: true, force: true })
})

test('no operation answers what its description does not say, whatever it is sent', async () => {
  const document = (await world.app.inject('/openapi.json')).json()
  const keeper = await keepAdmin(world.database.sql, 'admin@first.test', world.tokenOf)
  const fuzzed = await fuzz({
    document,
    seed,
    perOperation,
    refresh: keeper.restore,
    // A stream does not end, and there is no voice in this world.
    except: ({ path }) => path.endsWith('/stream') || path.endsWith('/test/voice/'),
    send: async ({ method, path, headers, body }) => {
      const answer = await world.app.inject({
        method,
        url: path,
        headers: {
          ...headers,
          authorization: `Bearer ${await keeper.token()}`,
          'x-dialer-api-key': testDialerKey,
        },
        ...(body === null ? {} : { payload: body }),
      } as InjectOptions)
      return {
        status: answer.statusCode,
        headers: answer.headers as Record<string, string>,
        body: answer.body,
      }
    },
  })
  console.info(
    `${fuzzed.requests} requests to ${fuzzed.operations} operations:`,
    Object.fromEntries(fuzzed.byStatus),
  )
  expect(fuzzed.findings).toEqual([])
  expect('polluted' in {}).toBe(false)
}, 400_000)
