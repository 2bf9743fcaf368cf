import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerApi, splitTarget } from './api-routes.ts'
import { answerControl } from './control-routes.ts'
import type { Workshop } from './workshop.ts'

/** The carrier's listening port. */
export interface Door {
  port: number
  /** Closes at once, with all connections, and opens again after so long. */
  refuse(seconds: number): void
  close(): Promise<void>
}

/** Longer than any client keeps an idle connection: the client decides when to close. */
const KEEP_ALIVE_MS = 120_000

/** Listens, and resolves when it does. Rejects when the port is taken. */
export async function openDoor(
  shop: Workshop,
  where: { host: string; port: number; keepAliveTimeoutMs: number | undefined },
): Promise<Door> {
  const server = createServer((request, response) => {
    void receive(shop, request, response)
  })
  server.keepAliveTimeout = where.keepAliveTimeoutMs ?? KEEP_ALIVE_MS
  await listen(server, where.host, where.port)
  const { port } = server.address() as AddressInfo
  let closed = false
  return {
    port,
    refuse(seconds) {
      shut(server)
      shop.timers.after(seconds * 1000, () => {
        if (!closed && !server.listening) server.listen(port, where.host)
      })
    },
    async close() {
      closed = true
      if (!server.listening) return
      await new Promise<void>((resolve) => {
        server.once('close', resolve)
        shut(server)
      })
    },
  }
}

async function receive(shop: Workshop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path, query } = splitTarget(request.url ?? '/')
  try {
    if (path.startsWith('/simulator/')) await answerControl(shop, { request, response }, path)
    else await answerApi(shop, { request, response }, path, query)
  } catch (error) {
    // A defect of the carrier must not pass for one of its faults.
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    response.destroy()
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function shut(server: Server): void {
  server.close()
  server.closeAllConnections()
}
