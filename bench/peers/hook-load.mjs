// A bounded load of signed status callbacks: the four of every call in the file, all "initiated" first, then all
// "ringing", and so on, so that those of one call are far apart. Signed before the clock starts.
//
//   AUTH_TOKEN=… ACCOUNT_SID=… CONNECTIONS=128 node hook-load.mjs CALLS_FILE
import { readCallsFile } from './calls-file.mjs'
import { keepAliveSender } from './keep-alive-sender.mjs'
import { durations, finish, setDeadline, stopwatch } from './measure.mjs'
import { settings } from './settings.mjs'
import { lifeOfCall, statusCallback } from './status-callback.mjs'

const path = process.argv[2]
if (!path)
  throw new Error('give the file of calls: a line each of status URL, CallSid, To, From, apart by tabs')
const connections = Number(process.env.CONNECTIONS ?? 128)
const calls = await readCallsFile(path)
const requests = []
for (let sequence = 0; sequence < lifeOfCall.length; sequence++) {
  for (const { url, sid, to, from } of calls) {
    const call = { sid, to, from, accountSid: settings.accountSid }
    requests.push(
      statusCallback({ target: new URL(url), url, call, sequence, authToken: settings.authToken }),
    )
  }
}
const target = new URL(calls[0].url)
const sender = keepAliveSender({ host: target.hostname, port: Number(target.port || 80), connections })
const latency = durations(requests.length)
const statuses = {}
setDeadline(() => statuses)

const watch = await stopwatch({ pool: null, carrierPid: null })
watch.start()
await sendAll()
watch.stop()
finish({
  name: 'hook-load',
  count: requests.length,
  taken: watch.taken(),
  p50Ms: latency.percentile(0.5),
  p99Ms: latency.percentile(0.99),
  statuses,
  checks: {
    'every callback was taken': Object.keys(statuses).every((status) => status >= 200 && status < 300),
  },
})

/** Each connection has one callback in flight; the next is sent when it was answered. */
function sendAll() {
  let sent = 0
  let answered = 0
  return new Promise((resolve) => {
    const sendNext = () => {
      if (sent === requests.length) return
      sender.send(requests[sent++], (status, ms) => {
        statuses[status] = (statuses[status] ?? 0) + 1
        latency.add(ms)
        if (++answered === requests.length) resolve()
        else sendNext()
      })
    }
    for (let open = 0; open < connections; open++) sendNext()
  })
}
