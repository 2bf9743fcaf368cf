/** Ends requests whose bodies trickle. Node bounds their headers; how long a body may take depends on what it is. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** Fields fit into a few packets. */
const fieldsWithinMs = 60_000
/** Files of the largest size over a slow line. Node's own limit for everything that is sent. */
export const filesWithinMs = 600_000
const lookEveryMs = 5_000

const files = new WeakSet<IncomingMessage>()

/** Its body is a file that is read as it comes, from somebody who may send one. */
export function allowTime(request: IncomingMessage): void {
  files.add(request)
}

/**
 * Answers 408 to whoever has not sent a body of fields within a minute, and closes the connection. Looking at everybody
 * now and then is cheaper than a timer for each.
 */
export function cutOffSlowSenders(server: Server): void {
  const arriving = new Map<IncomingMessage, { response: ServerResponse; untilMs: number }>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { headers } = request
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
    if (request.complete) return
    arriving.set(request, { response, untilMs: performance.now() + fieldsWithinMs })
    request.once('close', () => arriving.delete(request))
  })
  const looking = setInterval(() => {
    const nowMs = performance.now()
    for (const [request, { response, untilMs }] of arriving) {
      if (request.complete) arriving.delete(request)
      else if (nowMs > untilMs && !files.has(request)) cutOff(server, request, response)
    }
  }, lookEveryMs)
  looking.unref()
  server.once('close', () => clearInterval(looking))
}

function cutOff(server: Server, request: IncomingMessage, response: ServerResponse): void {
  // What was answered already is not followed by another answer.
  if (response.headersSent) request.socket.destroy()
  else {
    const late = Object.assign(new Error('The body did not arrive in time'), {
      code: 'ERR_HTTP_REQUEST_TIMEOUT',
    })
    server.emit('clientError', late, request.socket)
  }
}
