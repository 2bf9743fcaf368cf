/** Sends the samples of the documents in each body kind, with and without the slash, for tests. */
import type { Answer, CampaignServer } from './campaign-server.fixture.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export type Way = 'JSON' | 'form' | 'multipart'
const ways: readonly Way[] = ['JSON', 'form', 'multipart']
const slashes = ['', '/'] as const
export const everyWay = ways.flatMap((way) => slashes.map((slash) => ({ way, slash })))

/** Lists travel as repeated fields, objects as JSON text, as clients of these documents send them. */
function fieldsOf(body: Record<string, unknown>): [string, string][] {
  return Object.entries(body).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return value.map((item) => [name, String(item)])
    return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
  })
}

export type Send = (method: Method, path: string, how: How, body?: Record<string, unknown>) => Promise<Answer>
type How = { way: Way; slash: string }

export async function sendSample(
  server: Pick<CampaignServer, 'app'>,
  token: string,
  ...asked: Parameters<Send>
): Promise<Answer> {
  const [method, path, { way, slash }, body] = asked
  const url = path.replace(/\/$/, '') + slash
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  let payload: string | undefined
  if (body !== undefined && way === 'JSON') {
    headers['content-type'] = 'application/json'
    payload = JSON.stringify(body)
  } else if (body !== undefined && way === 'form') {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    payload = new URLSearchParams(fieldsOf(body)).toString()
  } else if (body !== undefined) {
    headers['content-type'] = 'multipart/form-data; boundary=sample'
    const parts = fieldsOf(body).map(
      ([name, value]) => `--sample\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    payload = `${parts.join('')}--sample--\r\n`
  }
  const answer = await server.app.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  const isJson = String(answer.headers['content-type']).includes('json')
  return { status: answer.statusCode, body: isJson ? answer.json() : answer.body, headers: answer.headers }
}
