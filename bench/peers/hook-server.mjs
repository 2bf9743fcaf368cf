import http from 'node:http'
import { durations } from './measure.mjs'
import { historySequence } from './history-writer.mjs'
import { settings } from './settings.mjs'
import { isSigned, readForm } from './signature.mjs'

const largestBody = 64 * 1024

/**
 * A bare node:http server for status callbacks at /hooks/<call id>: checks the signature over the raw form, and
 * answers 204 only when `commit(callback)` resolved to true, 500 when it resolved to false, 403 when it is not the
 * carrier's. A callback is { callId, kind, sid, duration }.
 */
export async function openHookServer({ expected, commit }) {
  const latency = durations(expected)
  const totals = { taken: 0, forged: 0, failed: 0 }
  let origin = ''

  const server = http.createServer((request, response) => {
    const arrivedAt = performance.now()
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (text) => {
      body += text
      if (body.length > largestBody) request.destroy()
    })
    request.on('end', () => {
      const parsed = readForm(body)
      const callback = readCallback(request.url, parsed.form)
      const genuine = isSigned(
        settings.authToken,
        origin + request.url,
        parsed,
        request.headers['x-twilio-signature'],
      )
      if (!genuine || !callback) {
        totals.forged++
        return end(response, 403)
      }
      commit(callback, (written) => {
        totals[written ? 'taken' : 'failed']++
        latency.add(performance.now() - arrivedAt)
        end(response, written ? 204 : 500)
      })
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
  origin = `http://127.0.0.1:${server.address().port}`

  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { urlOf: (callId) => `${origin}/hooks/${callId}`, latency, totals, close }
}

/** Null when it names no call of ours or no state that we know. */
function readCallback(url, form) {
  const callId = Number(url.slice('/hooks/'.length))
  const kind = form.CallStatus
  if (!Number.isSafeInteger(callId) || historySequence[kind] === undefined) return null
  if (!/^CA[0-9a-f]{32}$/.test(form.CallSid)) return null
  return { callId, kind, sid: form.CallSid, duration: Number(form.CallDuration ?? 0) }
}

function end(response, status) {
  response.writeHead(status)
  response.end()
}
