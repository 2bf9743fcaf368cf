import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import type { ApiAnswer } from './api-answer.ts'
import { resourceAnswer, writeAnswer } from './api-answer.ts'
import type { Visit } from './create-call.ts'
import { parseFaultSettings } from './fault-settings.ts'
import { parseInboundText, receiveText } from './inbound-text.ts'
import { readText } from './request-body.ts'
import type { Workshop } from './workshop.ts'

/**
 * The control room, for the machine itself only:
 *   GET, PUT /simulator/faults    the switches; a PUT states all of them
 *   POST     /simulator/refuse    {"seconds": 60}: refuse every connection for so long
 *   POST     /simulator/texts     {"from", "to", "body"}: somebody texts a number of the account
 *   GET      /simulator/ledger    the ledger as JSON lines
 *   GET      /simulator/summary   counts
 */
export async function answerControl(shop: Workshop, visit: Visit, path: string): Promise<void> {
  const { request, response } = visit
  const send = (answer: ApiAnswer): void => {
    writeAnswer(response, answer, shop.clock.now())
  }
  if (!isLoopback(request.socket.remoteAddress ?? '')) return send(complaint(403, 'Only for this machine.'))
  await shop.ledger.settled()
  switch (`${request.method} ${path}`) {
    case 'GET /simulator/faults':
      return send(resourceAnswer(200, shop.faults.get()))
    case 'PUT /simulator/faults':
      return send(await setFaults(shop, visit))
    case 'POST /simulator/refuse':
      return send(await refuse(shop, visit))
    case 'POST /simulator/texts':
      return send(await takeText(shop, visit))
    case 'GET /simulator/summary':
      return send(resourceAnswer(200, summary(shop)))
    case 'GET /simulator/ledger':
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      pipeline(createReadStream(shop.ledgerPath), response, () => undefined)
      return
    default:
      send(complaint(404, `There is no ${request.method} ${path}.`))
  }
}

/** How many calls there are, in which state, and how many are in flight. */
export function summary(shop: Workshop): Record<string, unknown> {
  const statuses: Record<string, number> = {}
  let seconds = 0
  for (const call of shop.book.calls) {
    statuses[call.status] = (statuses[call.status] ?? 0) + 1
    seconds += call.durationSeconds ?? 0
  }
  return {
    calls: shop.book.calls.length,
    open: shop.book.open(),
    statuses,
    talked_seconds: seconds,
    texts: shop.texts.texts.length,
    open_texts: shop.texts.open(),
    seed: shop.seed,
    speed: shop.speed,
    profile: shop.profile.name,
  }
}

async function setFaults(shop: Workshop, visit: Visit): Promise<ApiAnswer> {
  try {
    shop.faults.set(parseFaultSettings(JSON.parse((await readText(visit.request)) ?? '')))
    return resourceAnswer(200, shop.faults.get())
  } catch (error) {
    return complaint(400, error instanceof Error ? error.message : 'The settings cannot be read.')
  }
}

async function refuse(shop: Workshop, visit: Visit): Promise<ApiAnswer> {
  const body = (await readText(visit.request)) ?? ''
  const seconds = Number(/"seconds"\s*:\s*([\d.]+)/.exec(body)?.[1])
  if (!(seconds > 0)) return complaint(400, 'Say for how long: {"seconds": 60}.')
  shop.refuseConnections(seconds)
  return resourceAnswer(200, { refusing_for_seconds: seconds })
}

async function takeText(shop: Workshop, visit: Visit): Promise<ApiAnswer> {
  try {
    const inbound = parseInboundText(JSON.parse((await readText(visit.request)) ?? ''))
    return resourceAnswer(201, { sid: await receiveText(shop, inbound) })
  } catch (error) {
    return complaint(400, error instanceof Error ? error.message : 'The text cannot be read.')
  }
}

function complaint(statusCode: number, message: string): ApiAnswer {
  return { statusCode, body: JSON.stringify({ error: message }) }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
