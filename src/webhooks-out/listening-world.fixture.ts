/** Real programs that listen on real ports, and the loop that tells them. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Webhook } from 'standardwebhooks'
import { expect } from 'vitest'
import { createHttpWorld, testSecretKey, type HttpWorld } from '../../test/http-world.ts'
import { transaction } from '../db/sql.ts'
import { closeBatch } from '../events/event-log.ts'
import { deriveKey } from '../http/derived-key.ts'
import { silentLog } from '../log.ts'
import { createDeliveryLoop, type DeliveryLoop } from './delivery-loop.ts'
import { createEndpointSecrets } from './endpoint-secret.ts'
import { createWebhookSender } from './webhook-sender.ts'

export type Letter = { headers: IncomingHttpHeaders; body: string }
export type Sink = {
  url: string
  letters: Letter[]
  answer: (letter: Letter) => number | null
  /** Bytes of its answers beside their words. */
  size: number
}
/** What the tests read of a delivery. */
export type LoggedDelivery = {
  id: string
  status: string
  attempts: number
  problem: string | null
  response: { body: string } | null
}
export type ListeningWorld = HttpWorld & {
  /** The one that runs; a test may stop it and begin another. */
  loop: DeliveryLoop
  newLoop(): DeliveryLoop
  /** Answers 204 unless told otherwise; null keeps the caller waiting. */
  openSink(answer?: Sink['answer']): Promise<Sink>
  register(url: string, events?: readonly string[]): Promise<{ id: string; secret: string }>
  /** A number was put onto the do-not-call list, as far as everybody is told. */
  happen(number: string, workspaceId?: number): Promise<void>
  deliveries(id: string): Promise<LoggedDelivery[]>
}

export async function createListeningWorld(): Promise<ListeningWorld> {
  const world = await createHttpWorld()
  const servers: Server[] = []
  const newLoop = (): DeliveryLoop =>
    createDeliveryLoop({
      sql: world.database.sql,
      clock: world.clock,
      log: silentLog,
      secrets: createEndpointSecrets(deriveKey(testSecretKey, 'webhook secrets')),
      sender: createWebhookSender(['127.0.0.1']),
    })
  const listening: ListeningWorld = {
    ...world,
    loop: newLoop(),
    newLoop,
    async openSink(answer = () => 204) {
      const sink: Sink = { url: '', letters: [], answer, size: 0 }
      const server = listen(sink)
      servers.push(server)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in?a=1`
      return sink
    },
    async register(url, events = ['*']) {
      const made = await world.as(world.people.admin, 'POST', '/api/webhooks/', { url, events })
      expect(made.statusCode).toBe(201)
      return made.json()
    },
    async happen(number, workspaceId = world.workspaceId) {
      const events = [{ kind: 'do_not_call.changed', visibleTo: null, data: { number, blocked: true } }]
      const workspaces = [{ workspaceId, totals: [], events }]
      await transaction(world.database.sql, (tx) => closeBatch(tx, { now: world.clock.now(), workspaces }))
    },
    async deliveries(id) {
      return (await world.as(world.people.admin, 'GET', `/api/webhooks/${id}/deliveries/`)).json().results
    },
    async close() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      await listening.loop.stop()
      await world.close()
    },
  }
  await listening.loop.start()
  return listening
}

function listen(sink: Sink): Server {
  return createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => (body += piece))
    request.on('end', () => {
      const letter = { headers: request.headers, body }
      sink.letters.push(letter)
      const status = sink.answer(letter)
      if (status === null) return
      const location = status >= 300 && status < 400 ? { location: 'http://127.0.0.1:1/' } : {}
      response.writeHead(status, location).end(`answer ${status}${'x'.repeat(sink.size)}`)
    })
  })
}

/** Throws unless the letter is signed with this secret. */
export function verify(secret: string, letter: Letter | undefined): unknown {
  return new Webhook(secret).verify(letter?.body ?? '', letter?.headers as Record<string, string>)
}

/** The numbers that a sink was told of. */
export function told(sink: Sink): string[] {
  return sink.letters.map(({ body }) => JSON.parse(body).data.number)
}

export async function eventually(promise: () => unknown, what: unknown): Promise<void> {
  await expect.poll(promise, { timeout: 20_000, interval: 20 }).toEqual(what)
}
