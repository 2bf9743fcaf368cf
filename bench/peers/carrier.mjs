// A lean fake carrier: answers the creation of a call, then reports its life in four signed status callbacks.
// It keeps no calls, knows no failures and waits for nothing: it exists to take as little of the machine as it can.
//
//   PORT=38200 CARRIER_DELAY_MS=0 node carrier.mjs        NO_CALLBACKS=1: it only answers
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { parse } from 'node:querystring'
import { keepAliveSender } from './keep-alive-sender.mjs'
import { basicAuthorization, settings } from './settings.mjs'
import { lifeOfCall, statusCallback } from './status-callback.mjs'

const callbackTries = 3
const largestBody = 64 * 1024
const runPrefix = randomBytes(8).toString('hex')
const senders = new Map()
const totals = { created: 0, live: 0, delivered: 0, retried: 0, lost: 0 }

const server = http.createServer((request, response) => {
  if (request.method === 'GET') return answer(response, 200, JSON.stringify(totals))
  if (request.headers.authorization !== basicAuthorization) return answer(response, 401, '{"code":20003}')
  let body = ''
  request.setEncoding('latin1')
  request.on('data', (text) => {
    body += text
    if (body.length > largestBody) request.destroy()
  })
  request.on('end', () => {
    const call = createCall(parse(body))
    const created = () => answer(response, 201, call.json)
    if (settings.carrierDelayMs > 0) setTimeout(created, settings.carrierDelayMs)
    else created()
    if (call.statusUrl && process.env.NO_CALLBACKS !== '1') reportLife(call)
  })
})

function createCall({ To: to, From: from, StatusCallback: statusUrl }) {
  const sid = `CA${runPrefix}${(++totals.created).toString(16).padStart(16, '0')}`
  const accountSid = settings.accountSid
  const json =
    `{"sid":"${sid}","account_sid":"${accountSid}","to":"${to}","from":"${from}","status":"queued",` +
    `"direction":"outbound-api","api_version":"2010-04-01","price":null,"duration":null,"start_time":null,` +
    `"end_time":null,"uri":"/2010-04-01/Accounts/${accountSid}/Calls/${sid}.json"}`
  return { sid, accountSid, to, from, statusUrl, json }
}

/** The next callback of a call goes out when the one before was answered; the calls do not wait for each other. */
function reportLife(call) {
  const target = new URL(call.statusUrl)
  const sender = senderFor(target)
  totals.live++
  const report = (sequence, tries) => {
    const request = statusCallback({
      target,
      url: call.statusUrl,
      call,
      sequence,
      authToken: settings.authToken,
    })
    sender.send(request, (status) => {
      const taken = status >= 200 && status < 300
      if (taken) totals.delivered++
      else if (tries < callbackTries) {
        totals.retried++
        return report(sequence, tries + 1)
      } else totals.lost++
      if (sequence + 1 < lifeOfCall.length) report(sequence + 1, 1)
      else totals.live--
    })
  }
  report(0, 1)
}

function senderFor(target) {
  const known = senders.get(target.host)
  if (known) return known
  const port = Number(target.port || 80)
  const sender = keepAliveSender({ host: target.hostname, port, connections: settings.callbackConnections })
  senders.set(target.host, sender)
  return sender
}

function answer(response, status, json) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
  })
  response.end(json)
}

server.keepAliveTimeout = 60_000
server.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address()
  if (process.send) process.send({ port })
  else console.log(`fake carrier on http://127.0.0.1:${port}`)
})
// Started by a program it ends with that program; alone it ends after an hour, so that none is ever forgotten.
process.on('disconnect', () => process.exit(0))
if (!process.send) setTimeout(() => process.exit(0), 3_600_000)
