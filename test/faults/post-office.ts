/** Stands between the carrier and the server: every webhook comes through here, and may be kept, repeated and turned. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from './processes.ts'

export type Letter = {
  path: string
  method: string
  headers: IncomingHttpHeaders
  body: string
  form: URLSearchParams
}
/** `againAfterMs`: when it is told to come back, and that it says so; else null. */
export type Delivered = { status: number; sentAt: number; tookMs: number; againAfterMs: number | null }

export type PostOffice = {
  /** What the servers are told to give the carrier as their address. */
  url: string
  letters: Letter[]
  delivered: Delivered[]
  /** What happens to a letter; by default it is delivered. Returns the status that the carrier gets. */
  handle: (letter: Letter) => Promise<number>
  deliver(letter: Letter): Promise<number>
  /** The same, and again as often as it is told to come back, as the carrier would. Returns the last answer. */
  insist(letter: Letter): Promise<Delivered>
  close(): Promise<void>
}

/** A letter is worth no more tries than the carrier would make. */
const mostTimes = 20

export async function openPostOffice(serverUrl: () => string): Promise<PostOffice> {
  const [port = 0] = await freePorts(1)
  const office: PostOffice = {
    url: `http://127.0.0.1:${port}`,
    letters: [],
    delivered: [],
    handle: (letter) => office.deliver(letter),
    deliver: async (letter) => (await deliverOnce(letter)).status,
    async insist(letter) {
      for (let times = 1; ; times += 1) {
        const delivered = await deliverOnce(letter)
        if (delivered.status !== 503 || times === mostTimes) return delivered
        await delay(delivered.againAfterMs ?? 0)
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  async function deliverOnce({ path, method, headers, body }: Letter): Promise<Delivered> {
    const sentAt = Date.now()
    const kept = ['content-type', 'x-twilio-signature'].flatMap((name): [string, string][] => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    })
    const payload = method === 'GET' ? {} : { body }
    const answer = await fetch(serverUrl() + path, {
      method,
      headers: kept,
      redirect: 'manual',
      ...payload,
    }).then(
      async ({ status, headers: told, body: words }) => {
        await words?.cancel()
        const seconds = told.get('retry-after')
        return { status, againAfterMs: seconds === null ? null : Number(seconds) * 1_000 }
      },
      // The server is away: a proxy in front of it says so.
      () => ({ status: 502, againAfterMs: null }),
    )
    const delivered = { ...answer, sentAt, tookMs: Date.now() - sentAt }
    office.delivered.push(delivered)
    return delivered
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
