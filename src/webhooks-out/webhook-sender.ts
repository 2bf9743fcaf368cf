/** Sends one delivery to its endpoint, once. */
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Agent } from 'undici'
import { isPrivateRefusal, publicOnly, publicUrl } from '../http/public-address.ts'
import type { Attempt } from './delivery.ts'

export type Outgoing = { url: string; body: string; headers: Readonly<Record<string, string>> }

export type WebhookSender = {
  /** Whether deliveries may go to this address at all: https outside our network, or a host that was named. */
  mayReach(url: string): boolean
  /** Never throws: whatever went wrong is in the attempt. */
  send(outgoing: Outgoing): Promise<Attempt>
  close(): Promise<void>
}

const withinMs = 10_000
/** So much of an answer is kept for its log. */
const keptCharacters = 2_000
const keptBytes = 8_000

/** `privateHosts`: `crm.lan` or `10.0.0.5:9000`, as WEBHOOK_PRIVATE_HOSTS names them. */
export function createWebhookSender(privateHosts: readonly string[]): WebhookSender {
  const named = new Set(privateHosts)
  const isNamed = (url: URL): boolean => named.has(url.host) || named.has(url.hostname)
  const agents = { named: agentBy(lookup), open: agentBy(publicOnly) }

  function target(address: string): { url: URL; isPrivate: boolean } | null {
    const url = URL.parse(address)
    if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && isNamed(url))
      return { url, isPrivate: true }
    const open = publicUrl(address)
    return open === null ? null : { url: open, isPrivate: false }
  }

  return {
    mayReach: (url) => target(url) !== null,
    async send({ url, body, headers }) {
      const startedMs = performance.now()
      const done = (attempt: Omit<Attempt, 'ms'>): Attempt => ({
        ...attempt,
        ms: Math.round(performance.now() - startedMs),
      })
      const to = target(url)
      if (to === null) return done({ status: null, answer: null, problem: 'address_refused' })
      try {
        const answer = await agents[to.isPrivate ? 'named' : 'open'].request({
          origin: to.url.origin,
          path: `${to.url.pathname}${to.url.search}`,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'Trunkline', ...headers },
          body,
          signal: AbortSignal.timeout(withinMs),
        })
        const text = await beginningOf(answer.body)
        const isTaken = answer.statusCode >= 200 && answer.statusCode < 300
        return done({
          status: answer.statusCode,
          answer: text,
          problem: isTaken ? null : `answered_${answer.statusCode}`,
        })
      } catch (error) {
        return done({ status: null, answer: null, problem: problemOf(error) })
      }
    },
    close: async () => {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()))
    },
  }
}

/** What an answer begins with. Its status is its word: a body that is endless, late or broken off changes nothing of that. */
async function beginningOf(body: AsyncIterable<unknown>): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of body) {
      if (!Buffer.isBuffer(piece)) break
      pieces.push(piece)
      size += piece.length
      if (size >= keptBytes) break
    }
  } catch {
    // What had come is kept.
  }
  return Buffer.concat(pieces).toString('utf8').slice(0, keptCharacters).replaceAll('\0', '')
}

function agentBy(resolve: LookupFunction): Agent {
  return new Agent({ connect: { lookup: resolve, timeout: 5_000 }, maxResponseSize: -1 })
}

function problemOf(error: unknown): string {
  if (isPrivateRefusal(error)) return 'address_refused'
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'timeout'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'timeout'
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) return 'unknown_host'
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return 'certificate_refused'
  return 'unreachable'
}
