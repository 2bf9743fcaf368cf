/** Stands between the carrier and the server: every webhook comes through here, and may be kept, repeated and turned. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import { freePorts } from './processes.ts'

export type Letter = {
  path: string
  method: string
  headers: IncomingHttpHeaders
  body: string
  form: URLSearchParams
}
export type Delivered = { status: number; sentAt: number; tookMs: number }

export type PostOffice = {
  /** What the servers are told to give the carrier as their address. */
  url: string
  letters: Letter[]
  delivered: Delivered[]
  /** What happens to a letter; by default it is delivered. Returns the status that the carrier gets. */
  handle: (letter: Letter) => Promise<number>
  deliver(letter: Letter): Promise<number>
  close(): Promise<void>
}

export async function openPostOffice(serverUrl: () => string): Promise<PostOffice> {
  const [port = 0] = await freePorts(1)
  const office: PostOffice = {
    url: `http://127.0.0.1:${port}`,
    letters: [],
    delivered: [],
    handle: (letter) => office.deliver(letter),
    async deliver({ path, method, headers, body }) {
      const sentAt = Date.now()
      const kept = ['content-type', 'x-twilio-signature'].flatMap((name): [string, string][] => {
        const value = headers[name]
        return typeof value === 'string' ? [[name, value]] : []
      })
      const payload = method === 'GET' ? {} : { body }
      const status = await fetch(serverUrl() + path, {
        method,
        headers: kept,
        redirect: 'manual',
        ...payload,
      }).then(
        async (answer) => {
          await answer.body?.cancel()
          return answer.status
        },
        // The server is away: a proxy in front of it says so.
        () => 502,
      )
      office.delivered.push({ status, sentAt, tookMs: Date.now() - sentAt })
      return status
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const { url: path = '/', method = 'GET', headers } = request
      const letter = { path, method, headers, body, form: new URLSearchParams(body) }
      office.letters.push(letter)
      office.handle(letter).then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(500).end(),
      )
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return office
}
