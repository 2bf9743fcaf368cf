/** A running carrier with a server of the account beside it, for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCarrier, type CarrierOptions, type RunningCarrier } from './carrier.ts'
import { readText } from './request-body.ts'

export const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`
export const AUTH_TOKEN = 'test-token'
export const SEED = process.env['SEED'] ?? 'carrier-tests'
export const EVERY_EVENT = ['initiated', 'ringing', 'answered', 'completed']

/** One request that the account's server received. */
export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  form: Record<string, string>
}

export interface Reply {
  statusCode: number
  body?: string | Buffer
}

export interface World {
  carrier: RunningCarrier
  /** Address of the account's server, without a slash at the end. */
  server: string
  received: Received[]
  /** What the account's server answers; 204 unless a test says otherwise. */
  reply: (request: Received) => Reply
  ledgerPath: string
  /** Sends a request to the API as the account. */
  api(path: string, options?: { form?: Form; method?: string; authorization?: string }): Promise<ApiReply>
  /** Creates a call that reports everything to `/calls/<n>`, and returns the answer. */
  call(to: string, changes?: Form): Promise<ApiReply>
  /** The callbacks received about one call, in the order of their arrival. */
  callbacks(sid: string): Received[]
  restart(changes?: Partial<CarrierOptions>): Promise<void>
  close(): Promise<void>
}

export type Form = Record<string, string | string[]>
export interface ApiReply {
  statusCode: number
  headers: Headers
  body: Record<string, unknown>
}

export const MESSAGE = 'This is the clinic: your appointment is tomorrow at ten.'
export const TWIML = `<Response><Say>${MESSAGE}</Say></Response>`

export async function openWorld(changes: Partial<CarrierOptions> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'carrier-'))
  const ledgerPath = join(folder, 'ledger.jsonl')
  const base: CarrierOptions = {
    port: 0,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
    ledgerPath,
    seed: SEED,
    speed: 100,
    profile: 'all-answer',
    ...changes,
  }
  const received: Received[] = []
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    void readText(request).then((body) => {
      const entry = { method, path, headers, form: Object.fromEntries(new URLSearchParams(body ?? '')) }
      received.push(entry)
      const { statusCode, body: answer } = world.reply(entry)
      return response.writeHead(statusCode).end(answer)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const world: World = {
    carrier: await startCarrier(base),
    server: address,
    received,
    reply: () => ({ statusCode: 204 }),
    ledgerPath,
    api: (path, options = {}) => callApi(world.carrier.url + path, options),
    call: (to, form = {}) =>
      world.api(`/2010-04-01/Accounts/${ACCOUNT_SID}/Calls.json`, {
        form: {
          To: to,
          From: world.carrier.defaultNumber,
          Twiml: TWIML,
          StatusCallback: `${address}/calls`,
          StatusCallbackEvent: EVERY_EVENT,
          ...form,
        },
      }),
    callbacks: (sid) =>
      received.filter((entry) => entry.form['CallSid'] === sid && entry.form['CallbackSource'] !== undefined),
    async restart(more = {}) {
      await world.carrier.close()
      world.carrier = await startCarrier({ ...base, ...more })
    },
    async close() {
      await world.carrier.close()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}

/** Waits until something is true. Fails after ten seconds with what was waited for. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await isTrue())) {
    if (performance.now() > deadline)
      throw new Error(`In ten seconds it did not happen that ${what}. Seed: ${SEED}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}

/** Waits until no call is in flight. */
export function allEnded(world: World): Promise<void> {
  return until('all calls ended', () => world.carrier.openCalls() === 0)
}

function authorization(): string {
  return `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`
}

async function callApi(
  url: string,
  options: { form?: Form; method?: string; authorization?: string },
): Promise<ApiReply> {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(options.form ?? {})) {
    for (const part of [value].flat()) body.append(name, part)
  }
  const response = await fetch(url, {
    method: options.method ?? (options.form ? 'POST' : 'GET'),
    headers: { authorization: options.authorization ?? authorization() },
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    ...(options.form ? { body } : {}),
  })
  const text = await response.text()
  return { statusCode: response.status, headers: response.headers, body: parsed(text) }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return { text }
  }
}
