import { request, type IncomingMessage } from 'node:http'

export type Block = { id: number | null; event: string | null; data: unknown }

/** A reader of Server-Sent Events over a real connection, as a browser would be. */
export type StreamClient = {
  status: number
  blocks: Block[]
  /** Events of the log: not what the stream says of itself, nor counts, which have no place in the order. */
  events(): Block[]
  lastId(): number
  closed: boolean
  /** Stops reading from the socket, as a page that hangs does. */
  pause(): void
  resume(): void
  close(): void
}

const unordered = ['ready', 'reset', 'heartbeat', 'totals.changed']

export function openStream(
  origin: string,
  token: string,
  lastId: number | null = null,
): Promise<StreamClient> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` }
    if (lastId !== null) headers['last-event-id'] = String(lastId)
    const outgoing = request(`${origin}/api/events/stream`, { headers, agent: false }, (incoming) => {
      resolve(follow(incoming))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function follow(incoming: IncomingMessage): StreamClient {
  const client: StreamClient = {
    status: incoming.statusCode ?? 0,
    blocks: [],
    events: () => client.blocks.filter((block) => block.event !== null && !unordered.includes(block.event)),
    lastId: () => client.blocks.findLast((block) => block.id !== null)?.id ?? 0,
    closed: false,
    pause: () => void incoming.pause(),
    resume: () => void incoming.resume(),
    close: () => void incoming.destroy(),
  }
  let rest = ''
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n\n')
    rest = parts.pop() ?? ''
    client.blocks.push(...parts.map(toBlock))
  })
  incoming.on('error', () => {})
  incoming.on('close', () => (client.closed = true))
  return client
}

function toBlock(text: string): Block {
  const lines = text.split('\n')
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
  const [id, data] = [field('id'), field('data')]
  return {
    id: id === null ? null : Number(id),
    event: field('event'),
    data: data === null ? null : JSON.parse(data),
  }
}
