import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { errorAnswer, writeAnswer } from './api-answer.ts'
import type { Visit } from './create-call.ts'
import type { RequestFate } from './faults.ts'
import type { Workshop } from './workshop.ts'

/** An endless answer ends after all when nobody hangs up: 64 MiB. */
const ENDLESS_BYTES = 64 * 1024 * 1024

/** What was accepted: how it is shown, how its ids begin, and the id of another one. */
export interface Accepted {
  resource: Record<string, unknown>
  prefix: string
  other: string | null
}

/**
 * Spoils the answer to a request that was accepted, and tells whether it did. The call or text itself goes on:
 * that is the point.
 */
export function breakAnswer(shop: Workshop, accepted: Accepted, visit: Visit, fate: RequestFate): boolean {
  switch (fate.fault) {
    case '500-with-acceptance': {
      const statusCode = pick([500, 502, 503, 504], fate.variant)
      writeAnswer(visit.response, errorAnswer(statusCode, 20500, 'Internal Server Error'), shop.clock.now())
      return true
    }
    case 'reset-after':
      visit.request.socket.resetAndDestroy()
      return true
    case 'accept-then-silent':
      return true
    case 'garbage-201':
      writeGarbage(shop, accepted, visit.response, fate.variant)
      return true
    case 'endless-answer':
      writeEndlessly(visit.response)
      return true
    default:
      return false
  }
}

function writeGarbage(shop: Workshop, accepted: Accepted, response: ServerResponse, variant: number): void {
  const { resource, prefix, other } = accepted
  const whole = JSON.stringify(resource)
  const unknownSid = `${prefix}${randomUUID().replaceAll('-', '')}`
  const bodies = [
    whole.slice(0, Math.floor(whole.length / 2)),
    '<!DOCTYPE html><html><body><h1>It works!</h1></body></html>',
    '',
    JSON.stringify({ ...resource, sid: unknownSid }),
    JSON.stringify({ ...resource, sid: 'not a sid' }),
    JSON.stringify({ ...resource, sid: other ?? unknownSid }),
    '[]',
    'null',
  ]
  writeAnswer(response, { statusCode: 201, body: pick(bodies, variant) }, shop.clock.now())
}

/** Begins like an answer and never comes to a point, as fast as the reader takes it. */
function writeEndlessly(response: ServerResponse): void {
  response.writeHead(201, { 'content-type': 'application/json;charset=utf-8' })
  const chunk = Buffer.alloc(64 * 1024, ' ')
  let written = 0
  const more = (): void => {
    while (written < ENDLESS_BYTES && !response.destroyed) {
      written += chunk.length
      if (!response.write(chunk)) return void response.once('drain', more)
    }
    response.end()
  }
  response.write('{"sid":"')
  more()
}

function pick<Item>(items: readonly [Item, ...Item[]] | Item[], variant: number): Item {
  const item = items[Math.min(items.length - 1, Math.floor(variant * items.length))]
  if (item === undefined) throw new Error('There is nothing to pick from.')
  return item
}
