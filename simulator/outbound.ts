import { Pool } from 'undici'

/** A request of the carrier to the account's own server: a callback, or a fetch of instructions or audio. */
export interface OutboundRequest {
  /** Scheme, host and port. */
  origin: string
  /** Called when a connection is free: thousands may wait, and what waits must be small. */
  prepare(): PreparedRequest
  /** For the exchange itself; the wait for a free connection does not count. */
  timeoutMs: number
  /** How much of the answer's body is kept; what is longer is an error, except that 0 drops it all. */
  maxBytes: number
}

export interface PreparedRequest {
  path: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body: string | null
}

export type OutboundAnswer = { tookMs: number } & Exchanged

type Exchanged =
  | { ok: true; statusCode: number; body: Buffer }
  | { ok: false; why: 'connection' | 'timeout' | 'too-long' | 'too-many'; message: string }

export interface Outbound {
  send(request: OutboundRequest, done: (answer: OutboundAnswer) => void): void
  /** Breaks off everything. What was under way is not heard of again. */
  close(): Promise<void>
}

interface Waiting {
  request: OutboundRequest
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
/** A server that hangs must not fill the carrier's memory: what comes on top of these is given up. */
const MAX_WAITING = 100_000

/** Keeps a bounded number of connections to each server. What finds none free waits its turn. */
export function createOutbound(connectionsPerOrigin = 64): Outbound {
  const lines = new Map<string, Line>()
  let closed = false

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
    const startedAt = performance.now()
    line.active += 1
    exchange(line.pool, waiting, (exchanged) => {
      line.active -= 1
      if (closed) return
      waiting.done({ tookMs: performance.now() - startedAt, ...exchanged })
      next(line)
    })
  }

  return {
    send(request, done) {
      if (closed) return
      const line = lineTo(request.origin)
      if (line.queue.length - line.head >= MAX_WAITING) {
        return done({
          tookMs: 0,
          ok: false,
          why: 'too-many',
          message: 'too many requests wait for this server',
        })
      }
      line.queue.push({ request, done })
      next(line)
    },
    async close() {
      closed = true
      const pools = [...lines.values()].map((line) => line.pool)
      lines.clear()
      await Promise.all(pools.map((pool) => pool.destroy()))
    },
  }
}

function exchange(pool: Pool, { request }: Waiting, done: (exchanged: Exchanged) => void): void {
  let statusCode = 0
  let bytes = 0
  let over = false
  const chunks: Buffer[] = []
  const finish = (exchanged: Exchanged): void => {
    if (over) return
    over = true
    done(exchanged)
  }
  pool.dispatch(
    {
      ...request.prepare(),
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
    },
    {
      onRequestStart() {},
      onResponseStart(_controller, status) {
        statusCode = status
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
        finish({ ok: true, statusCode, body: Buffer.concat(chunks) })
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
