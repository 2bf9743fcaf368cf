import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { codeOf } from '../db/sql.ts'
import { randomToken } from '../random.ts'
import { errorBody, type AnsweredError } from './error-body.ts'
import { familyOf } from './families.ts'

const headersTooLarge: AnsweredError = {
  status: 431,
  code: 'unreadable_request',
  message: 'The headers of the request are larger than 16 KiB. Send what is long in the body.',
  details: {},
}
const tooSlow: AnsweredError = {
  status: 408,
  code: 'unreadable_request',
  message: 'The request did not arrive in time. Send it again.',
  details: {},
}
const notHttp: AnsweredError = {
  status: 400,
  code: 'unreadable_request',
  message: 'This is not an HTTP request. Let your HTTP library write it.',
  details: {},
}

/** Answers bytes that no request could be read from; what follows on the connection means nothing, so it is closed. */
export function answerMalformed(
  error: Error,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  if (socket.writable && codeOf(error) !== 'ECONNRESET') {
    const { status, ...rest } = outcomeOf(codeOf(error))
    const requestId = randomToken(12)
    const body = JSON.stringify(errorBody({ status, ...rest }, familyOf('/'), requestId))
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}` +
        `x-request-id: ${requestId}\r\nContent-Type: application/json; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroySoon()
}

function outcomeOf(code: string): AnsweredError {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? tooSlow : notHttp
}
