/** Clients that nobody would want: they send without end, a byte at a time, or nothing, and read when they like. */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

export type Told = {
  /** 0: the connection ended without an answer. */
  status: number
  /** Of the body; what the kernel holds between the two is among it. */
  sentBytes: number
  tookMs: number
  /** Whether the connection ended by itself. */
  closed: boolean
}

const block = Buffer.alloc(64 * 1024, 'x')

/**
 * Sends `head` and then `length` bytes of a body, in chunks when the head says so, until an answer or the end of the
 * connection comes.
 */
export async function sendWithoutEnd(
  url: URL,
  { head, prefix = '', length }: { head: string; prefix?: string; length: number },
): Promise<Told> {
  const startedMs = performance.now()
  const chunked = /transfer-encoding: *chunked/i.test(head)
  const socket = await opened(url)
  let answer = ''
  let isOver = false
  const heard = happens(socket, 'data')
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1', 0, 2_000)))
  const over = happens(socket, 'close').then(() => (isOver = true))
  const write = (bytes: Buffer): boolean =>
    chunked
      ? socket.write(
          Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
        )
      : socket.write(bytes)
  socket.write(head)
  let sentBytes = 0
  if (prefix !== '') write(Buffer.from(prefix))
  while (sentBytes < length && !isOver && answer === '') {
    if (!write(block)) await Promise.race([happens(socket, 'drain'), over, heard])
    sentBytes += block.length
  }
  await Promise.race([over, heard, later(30_000)])
  const tookMs = performance.now() - startedMs
  await Promise.race([over, later(5_000)])
  const endedByItself = isOver
  socket.destroy()
  return { status: statusOf(answer), sentBytes, tookMs, closed: endedByItself }
}

/** A client that sends `first`, and then `rest` a byte a second until it is cut off. */
export async function trickle(
  url: URL,
  { first, rest = '' }: { first: string; rest?: string },
): Promise<{ told: Promise<{ status: number; tookMs: number }>; end: () => void }> {
  const startedMs = performance.now()
  const socket = await opened(url)
  let answer = ''
  let at = 0
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1', 0, 200)))
  socket.write(first)
  const timer = setInterval(() => {
    if (at < rest.length && socket.writable) socket.write(rest.charAt(at++))
  }, 1_000)
  const told = happens(socket, 'close').then(() => {
    clearInterval(timer)
    return { status: statusOf(answer), tookMs: performance.now() - startedMs }
  })
  return { told, end: () => socket.destroy() }
}

/** Asks for something large and never reads it. */
export async function neverRead(
  url: URL,
  head: string,
): Promise<{ closed: Promise<number>; end: () => void }> {
  const startedMs = performance.now()
  const socket = await opened(url)
  socket.pause()
  socket.write(head)
  return {
    closed: happens(socket, 'close').then(() => performance.now() - startedMs),
    end: () => socket.destroy(),
  }
}

/** The memory of a process in MiB: what it has, and the most it ever had. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024
  return { now: mib('VmRSS'), most: mib('VmHWM') }
}

async function opened(url: URL): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname)
  // Being cut off is what is looked at.
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}

/** An error before it is how being cut off looks. */
function happens(socket: Socket, event: 'close' | 'data' | 'drain'): Promise<void> {
  return new Promise((done) => socket.once(event, () => done()))
}

function later(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms).unref())
}
