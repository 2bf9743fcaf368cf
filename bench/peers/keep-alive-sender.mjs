import net from 'node:net'

/**
 * Sends ready-made HTTP/1.1 requests over a fixed number of kept connections, one request in flight on each.
 * It is written on sockets because an HTTP client library would take more of the two cores than what is measured.
 *
 * `send(request, answered)` queues without bound (the callers bound themselves) and calls `answered(status, ms)`
 * once; status 0 means that the connection failed. `ms` counts from the write.
 */
export function keepAliveSender({ host, port, connections }) {
  const waiting = []
  const idle = []
  let first = 0
  let opened = 0
  let closing = false

  function send(request, answered) {
    if (closing) return answered(0, 0)
    const job = { request, answered, writtenAt: 0 }
    const line = idle.pop()
    if (line) return line.write(job)
    waiting.push(job)
    if (opened < connections) open()
  }

  function next() {
    if (first === waiting.length) return undefined
    const job = waiting[first]
    waiting[first++] = undefined
    if (first === waiting.length) {
      waiting.length = 0
      first = 0
    } else if (first > 10_000) {
      waiting.splice(0, first)
      first = 0
    }
    return job
  }

  function open() {
    opened++
    const line = openLine({ host, port }, { free, gone })
    free(line)
  }

  function free(line) {
    const job = next()
    if (job) line.write(job)
    else idle.push(line)
  }

  function gone(line) {
    opened--
    const at = idle.indexOf(line)
    if (at >= 0) idle.splice(at, 1)
    if (!closing && first < waiting.length) open()
  }

  function close() {
    closing = true
    for (const line of idle.splice(0)) line.end()
  }

  return { send, close }
}

function openLine({ host, port }, { free, gone }) {
  let job
  let received = ''
  const socket = net.connect({ host, port, noDelay: true })
  socket.setEncoding('latin1')
  socket.setTimeout(60_000, () => socket.destroy())
  const line = {
    write(nextJob) {
      job = nextJob
      job.writtenAt = performance.now()
      socket.write(job.request, 'latin1')
    },
    end: () => socket.end(),
  }
  socket.on('data', (text) => {
    received = received === '' ? text : received + text
    const answer = readAnswer(received)
    if (!answer || !job) return
    const { answered, writtenAt } = job
    job = undefined
    received = ''
    if (answer.closes) socket.end()
    answered(answer.status, performance.now() - writtenAt)
    if (!answer.closes && !job) free(line)
  })
  // The reason of a failure is in the status 0 that its job is answered with.
  socket.on('error', () => {})
  socket.on('close', () => {
    const lost = job
    job = undefined
    gone(line)
    lost?.answered(0, performance.now() - lost.writtenAt)
  })
  return line
}

/** Null until the answer is whole. Knows bodies by length and in chunks, which is all that our servers send. */
function readAnswer(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const status = Number(text.slice(9, 12))
  const head = text.slice(0, end).toLowerCase()
  const closes = head.includes('\r\nconnection: close')
  if (status === 204 || status === 304) return { status, closes }
  const at = head.indexOf('\r\ncontent-length:')
  if (at >= 0)
    return text.length - end - 4 >= Number.parseInt(head.slice(at + 17), 10) ? { status, closes } : null
  if (head.includes('\r\ntransfer-encoding: chunked'))
    return text.endsWith('0\r\n\r\n') ? { status, closes } : null
  return { status, closes }
}
