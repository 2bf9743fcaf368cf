import { Pool } from 'undici'

/** A request of the carrier to the account's own server: a callback, or a fetch of instructions or audio. */
export interface OutboundRequest {
  /** Absolute, http or https, without a fragment. */
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body: string | null
  /** For the whole exchange, waiting for a free connection included. */
  timeoutMs: number
  /** How much of the answer's body is kept; what is longer is an error, except that 0 drops it all. */
  maxBytes: number
}

export type OutboundAnswer =
  | { ok: true; statusCode: number; headers: Record<string, string | string[] | undefined>; body: Buffer }
  | { ok: false; why: 'connection' | 'timeout' | 'too-long'; message: string }

export interface Outbound {
  send(request: OutboundRequest, done: (answer: OutboundAnswer) => void): void
  close(): Promise<void>
}

interface Waiting {
  request: OutboundRequest
  path: string
  deadline: number
  done: (answer: OutboundAnswer) => void
}

interface Line {
  pool: Pool
  active: number
  queue: Waiting[]
  /** Index of the first that still waits: taking from the front of a long array would move all the rest. */
  head: number
}

const CONNECT_TIMEOUT_MS = 5000
const MAX_IDLE_ORIGINS = 1000

/** Keeps a bounded number of connections to each server. What waits longer than its timeout is given up. */
export function createOutbound(connectionsPerOrigin = 64): Outbound {
  const lines = new Map<string, Line>()

  const lineTo = (origin: string): Line => {
    const existing = lines.get(origin)
    if (existing) return existing
    if (lines.size >= MAX_IDLE_ORIGINS) dropIdle(lines)
    const pool = new Pool(origin, {
      connections: connectionsPerOrigin,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      keepAliveTimeout: 30_000,
    })
    const line = { pool, active: 0, queue: [], head: 0 }
    lines.set(origin, line)
    return line
  }

  const next = (line: Line): void => {
    while (line.active < connectionsPerOrigin && line.head < line.queue.length) {
      const waiting = line.queue[line.head]
      line.head += 1
      if (line.head > 1024 && line.head * 2 > line.queue.length) {
        line.queue = line.queue.slice(line.head)
        line.head = 0
      }
      if (waiting) start(line, waiting)
    }
  }

  const start = (line: Line, waiting: Waiting): void => {
    const remaining = waiting.deadline - performance.now()
    if (remaining <= 0) {
      waiting.done({ ok: false, why: 'timeout', message: 'no connection became free in time' })
      return
    }
    line.active += 1
    exchange(line.pool, waiting, remaining, (answer) => {
      line.active -= 1
      waiting.done(answer)
      next(line)
    })
  }

  return {
    send(request, done) {
      const url = new URL(request.url)
      const line = lineTo(url.origin)
      const deadline = performance.now() + request.timeoutMs
      line.queue.push({ request, path: url.pathname + url.search, deadline, done })
      next(line)
    },
    async close() {
      const pools = [...lines.values()].map((line) => line.pool)
      lines.clear()
      await Promise.all(pools.map((pool) => pool.destroy()))
    },
  }
}

function exchange(
  pool: Pool,
  { request, path }: Waiting,
  timeoutMs: number,
  done: (answer: OutboundAnswer) => void,
): void {
  let statusCode = 0
  let headers: Record<string, string | string[] | undefined> = {}
  let bytes = 0
  let over = false
  const chunks: Buffer[] = []
  const finish = (answer: OutboundAnswer): void => {
    if (over) return
    over = true
    done(answer)
  }
  pool.dispatch(
    {
      path,
      method: request.method,
      headers: request.headers,
      body: request.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    },
    {
      onRequestStart() {},
      onResponseStart(_controller, status, received) {
        statusCode = status
        headers = received
      },
      onResponseData(controller, chunk) {
        bytes += chunk.length
        if (request.maxBytes === 0) return
        chunks.push(chunk)
        if (bytes <= request.maxBytes) return
        const message = `the answer is longer than ${request.maxBytes} bytes`
        finish({ ok: false, why: 'too-long', message })
        controller.abort(new Error(message))
      },
      onResponseEnd() {
        finish({ ok: true, statusCode, headers, body: Buffer.concat(chunks) })
      },
      onResponseError(_controller, error) {
        const why = isTimeout(error) ? 'timeout' : 'connection'
        finish({ ok: false, why, message: error.message || error.name })
      },
    },
  )
}

function isTimeout(error: Error & { code?: string }): boolean {
  return error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT'
}

function dropIdle(lines: Map<string, Line>): void {
  for (const [origin, line] of lines) {
    if (line.active > 0 || line.head < line.queue.length) continue
    lines.delete(origin)
    void line.pool.close()
  }
}
