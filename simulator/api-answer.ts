import type { ServerResponse } from 'node:http'

/** An answer of the API before it is written to a connection. */
export interface ApiAnswer {
  statusCode: number
  body: string | Buffer
  headers?: Record<string, string>
}

/** A successful answer: the resource as JSON. */
export function resourceAnswer(statusCode: number, resource: unknown): ApiAnswer {
  return { statusCode, body: JSON.stringify(resource) }
}

/** A refusal in the carrier's form: its own error number, a sentence, where to read more, the HTTP status. */
export function errorAnswer(
  statusCode: number,
  code: number,
  message: string,
  headers?: Record<string, string>,
): ApiAnswer {
  const body = JSON.stringify({
    code,
    message,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status: statusCode,
  })
  return { statusCode, body, ...(headers ? { headers } : {}) }
}

export function notFound(path: string): ApiAnswer {
  return errorAnswer(404, 20404, `The requested resource ${path} was not found`)
}

export function notAuthenticated(): ApiAnswer {
  return errorAnswer(401, 20003, 'Authenticate', { 'www-authenticate': 'Basic realm="Twilio API"' })
}

/** Writes the answer, with the `Date` of the carrier's own clock. */
export function writeAnswer(response: ServerResponse, answer: ApiAnswer, now: Date): void {
  response.writeHead(answer.statusCode, {
    'content-type': 'application/json;charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    date: now.toUTCString(),
    ...answer.headers,
  })
  response.end(answer.body)
}
