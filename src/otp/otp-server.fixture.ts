/** A server that really sends codes: the API, a dialer and the simulated carrier with its ledger. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { startCarrier, type CarrierOptions, type RunningCarrier } from '../../simulator/carrier.ts'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../config.ts'

export type OtpServer = {
  world: HttpWorld
  /** As a manager of the first workspace. */
  send(payload: unknown): Promise<LightMyRequestResponse>
  verify(payload: unknown): Promise<LightMyRequestResponse>
  settings(change: unknown): Promise<LightMyRequestResponse>
  /** A number of a prefix of its own. */
  newNumber(): string
  /** What the carrier wrote down, as text. */
  ledger(): string
  /** What the server logged, at every level. */
  logged(): string
  /** Texts and calls there are to a number, but for attempts that were given back and followed by another. */
  countTo(number: string): Promise<number>
}

/** Starts the server before the tests of a file and ends it after them. */
export function useOtpServer(carrier: Partial<CarrierOptions> = {}): OtpServer {
  const server = {} as OtpServer
  let phones: RunningCarrier
  const folder = mkdtempSync(join(tmpdir(), 'otp-'))
  const ledgerPath = join(folder, 'ledger.jsonl')
  beforeAll(async () => {
    phones = await startCarrier({
      port: 0,
      accountSid: simulatedAccountSid,
      authToken: simulatedAuthToken,
      ledgerPath,
      seed: 1,
      speed: 100,
      profile: 'all-answer',
      ...carrier,
    })
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    const world = await createHttpWorld({ carrierUrl: phones.url, dialing: true, log })
    Object.assign(server, parts(world, { ledgerPath, lines }))
  })
  afterAll(async () => {
    await server.world.close()
    await phones.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return server
}

function parts(
  world: HttpWorld,
  { ledgerPath, lines }: { ledgerPath: string; lines: readonly string[] },
): OtpServer {
  let last = 0
  const { admin, manager } = world.people
  return {
    world,
    send: (payload) => world.as(manager, 'POST', '/api/system/send/otp', payload),
    verify: (payload) => world.as(manager, 'POST', '/api/system/verify/otp', payload),
    settings: (change) => world.as(admin, 'PATCH', '/api/settings/', change),
    newNumber() {
      last += 1
      return `+1212${String(200 + last)}0100`
    },
    ledger: () => readFileSync(ledgerPath, 'utf8'),
    logged: () => lines.join(''),
    async countTo(number) {
      const [row] = await world.database.sql<{ count: number }[]>`
        select (select count(*)::int from texts where to_number = ${number} and phase <> 'void')
             + (select count(*)::int from calls where to_number = ${number} and phase <> 'void') as count`
      return row?.count ?? 0
    },
  }
}
