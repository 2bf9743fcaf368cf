import { randomUUID } from 'node:crypto'
import type { Call, HttpMethod } from './call.ts'
import { callForm } from './callback-form.ts'
import type { OutboundAnswer } from './outbound.ts'
import { parseTwiml, type Verb } from './twiml.ts'
import type { Workshop } from './workshop.ts'

export type Fetched =
  | { ok: true; verbs: Verb[]; document: string; url: string }
  | { ok: false; url: string; code: number; reason: string }

/** The carrier's numbers for instructions that could not be had, and for those that could not be read. */
const NOT_RETRIEVED = 11200
const NOT_READABLE = 12100

const MAX_DOCUMENT_BYTES = 64 * 1024

/** Asks the account's server for instructions, and its fallback address when that fails. */
export function fetchInstructions(
  shop: Workshop,
  call: Call,
  source: { url: string; method: HttpMethod; extra?: Record<string, string> },
  done: (fetched: Fetched) => void,
): void {
  fetchOnce(shop, call, source, (first) => {
    const request = call.live?.request
    if (first.ok || !request?.fallbackUrl) return done(first)
    const fallback = {
      url: request.fallbackUrl,
      method: request.fallbackMethod,
      extra: { ...source.extra, ErrorCode: String(first.code), ErrorUrl: source.url },
    }
    fetchOnce(shop, call, fallback, done)
  })
}

function fetchOnce(
  shop: Workshop,
  call: Call,
  source: { url: string; method: HttpMethod; extra?: Record<string, string> },
  done: (fetched: Fetched) => void,
): void {
  const form = { ...callForm(call, shop.accountSid, 'in-progress'), ...source.extra }
  const request = { address: source.url, method: source.method, form, token: randomUUID() }
  shop.sender.send({ ...request, maxBytes: MAX_DOCUMENT_BYTES }, (answer) => {
    done(readAnswer(source.url, answer))
  })
}

function readAnswer(url: string, answer: OutboundAnswer): Fetched {
  if (!answer.ok) return { ok: false, url, code: NOT_RETRIEVED, reason: answer.message }
  if (answer.statusCode < 200 || answer.statusCode >= 300) {
    return { ok: false, url, code: NOT_RETRIEVED, reason: `HTTP ${answer.statusCode}` }
  }
  const document = answer.body.toString('utf8')
  const parsed = parseTwiml(document)
  if (!parsed.ok) return { ok: false, url, code: NOT_READABLE, reason: parsed.reason }
  return { ok: true, verbs: parsed.verbs, document, url }
}
