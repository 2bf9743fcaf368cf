/** The adapter for Twilio's API of 2010-04-01 and everything that speaks it, the simulated carrier included. */
import { Pool } from 'undici'
import { failpoint } from '../failpoint.ts'
import { exchangeOnce, type Answer, type Exchange, type OneRequest } from './one-request.ts'
import {
  CarrierAway,
  type CallQuery,
  type Carrier,
  type CarrierCall,
  type CarrierText,
  type Found,
  type FoundTexts,
  type MachineDetection,
  type PlaceRequest,
  type Placement,
  type SendRequest,
  type TextPlacement,
} from './carrier.ts'
import {
  isSameNumber,
  maySid,
  mayTextSid,
  parseCall,
  parsePage,
  parseText,
  placementOf,
  textPlacementOf,
} from './twilio-answers.ts'
import { twilioConferences } from './twilio-conferences.ts'
import { twilioNumbers } from './twilio-numbers.ts'
import { twilioRecordings } from './twilio-recordings.ts'
import { isTwilioSignature, spellingsOf, twilioSignature } from './twilio-signature.ts'

export type TwilioAccount = {
  accountSid: string
  authToken: string
  apiUrl: string
  live: boolean
  /** Connections for placing calls; no more requests are in flight than this. */
  placeConnections: number
  /** How long the answer to a dial is waited for; longer than carriers themselves wait unless said otherwise. */
  placeTimeoutMs?: number
}

/** Longer than carriers themselves wait, so that an unclear answer is rare. */
const usualPlaceTimeoutMs = 30_000
const askTimeoutMs = 10_000
const maxAnswerBytes = 1024 * 1024
const maxPages = 50
/** Of everything that happened since a backup: 200,000 calls. */
const mostPagesBack = 2_000

export function createTwilioCarrier(account: TwilioAccount): Carrier {
  const api = new URL(account.apiUrl)
  const prefix = `${api.pathname.replace(/\/$/, '')}/2010-04-01/Accounts/${account.accountSid}`
  const headers = {
    authorization: `Basic ${Buffer.from(`${account.accountSid}:${account.authToken}`).toString('base64')}`,
    accept: 'application/json',
  }
  const formHeaders = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  const limits = {
    pipelining: 1,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 60_000,
    connect: { timeout: 5_000 },
  }
  const placing = new Pool(api.origin, { ...limits, connections: account.placeConnections })
  // Texts have connections of their own: a code must not wait for the answers to two hundred calls.
  const texting = new Pool(api.origin, { ...limits, connections: account.placeConnections })
  const asking = new Pool(api.origin, { ...limits, connections: 16 })

  /** Any answer at all. Rejects with CarrierAway when there is none. */
  async function exchange(
    method: OneRequest['method'],
    path: string,
    form?: URLSearchParams,
  ): Promise<Answer> {
    const made = await attempt(method, path, form)
    if (!made.written || made.answer === null) throw new CarrierAway(made.reason)
    return made.answer
  }

  function attempt(method: OneRequest['method'], path: string, form?: URLSearchParams): Promise<Exchange> {
    return exchangeOnce(asking, {
      method,
      path,
      headers: form ? formHeaders : headers,
      body: form ? form.toString() : null,
      timeoutMs: askTimeoutMs,
      maxAnswerBytes,
      mayWrite: () => true,
    })
  }

  /** An answer that means what it says: success, or that there is no such thing. */
  async function ask(path: string): Promise<Answer> {
    const answer = await exchange('GET', path)
    const { status } = answer
    if (status !== 404 && (status < 200 || status > 299)) throw new CarrierAway(`http_${status}`)
    return answer
  }

  /** A request that creates something, once. */
  function create(
    pool: Pool,
    resource: string,
    { form, mayWrite }: { form: URLSearchParams; mayWrite: () => boolean },
  ): Promise<Exchange> {
    return exchangeOnce(pool, {
      method: 'POST',
      path: `${prefix}/${resource}.json`,
      headers: formHeaders,
      body: form.toString(),
      timeoutMs: account.placeTimeoutMs ?? usualPlaceTimeoutMs,
      maxAnswerBytes,
      mayWrite,
    })
  }

  async function place(request: PlaceRequest, mayWrite: () => boolean): Promise<Placement> {
    const exchanging = create(placing, 'Calls', { form: placeForm(request), mayWrite })
    failpoint('send.written')
    const made = await exchanging
    failpoint('answer.received')
    return placementOf(made, request.to)
  }

  async function sendText(request: SendRequest, mayWrite: () => boolean): Promise<TextPlacement> {
    return textPlacementOf(
      await create(texting, 'Messages', { form: sendForm(request), mayWrite }),
      request.to,
    )
  }

  async function fetchText(sid: string): Promise<CarrierText | null> {
    if (!mayTextSid(sid)) return null
    const answer = await ask(`${prefix}/Messages/${sid}.json`)
    if (answer.status === 404) return null
    const text = parseText(answer.body)
    if (text === null) throw new CarrierAway('unreadable_answer')
    return text
  }

  async function findTexts(query: { to: string; from: string; nowMs: number }): Promise<FoundTexts> {
    const { items, clockAheadMs } = await find('Messages', query, { key: 'messages', read: parseText })
    return { texts: items, clockAheadMs }
  }

  async function fetchCall(sid: string): Promise<CarrierCall | null> {
    if (!maySid(sid)) return null
    const answer = await ask(`${prefix}/Calls/${sid}.json`)
    if (answer.status === 404) return null
    const call = parseCall(answer.body)
    if (call === null) throw new CarrierAway('unreadable_answer')
    return call
  }

  async function findCalls(query: CallQuery): Promise<Found> {
    const { items, clockAheadMs } = await find('Calls', query, { key: 'calls', read: parseCall })
    return { calls: items, clockAheadMs }
  }

  /** All pages of a list between two numbers. Rejects with CarrierAway when any of it cannot be read. */
  async function find<Item extends { sid: string; to: string; from: string }>(
    resource: string,
    query: CallQuery,
    list: { key: string; read: (item: Record<string, unknown>) => Item | null },
  ): Promise<{ items: Item[]; clockAheadMs: number }> {
    const search = new URLSearchParams({ To: query.to, From: query.from, PageSize: '100' })
    if (query.parentSid) search.set('ParentCallSid', query.parentSid)
    // By id: on a list that grows while it is read, what was last on a page is first on the next one again.
    const items = new Map<string, Item>()
    let clockAheadMs = 0
    let path: string | null = `${prefix}/${resource}.json?${search.toString()}`
    for (let page = 0; path !== null; page += 1) {
      if (page === maxPages) throw new CarrierAway('too_many_pages')
      const answer: Answer = await ask(path)
      const read = parsePage(answer.body, list.key, list.read)
      if (answer.status === 404 || read === null) throw new CarrierAway('unreadable_answer')
      for (const one of read.items) {
        if (isSameNumber(one.to, query.to) && isSameNumber(one.from, query.from)) items.set(one.sid, one)
      }
      const date = answer.headers.date
      if (typeof date === 'string' && !Number.isNaN(Date.parse(date)))
        clockAheadMs = Date.parse(date) - query.nowMs
      path = read.next === null ? null : samePath(read.next, api)
    }
    return { items: [...items.values()], clockAheadMs }
  }

  /** Lists come newest first: pages are read until one holds nothing new enough. */
  async function listSince<Item extends { sid: string; createdAt: Date | null }>(
    since: Date,
    list: { resource: string; key: string; read: (item: Record<string, unknown>) => Item | null },
  ): Promise<Item[]> {
    const items = new Map<string, Item>()
    let path: string | null = `${prefix}/${list.resource}.json?PageSize=100`
    for (let page = 0; path !== null; page += 1) {
      if (page === mostPagesBack) throw new CarrierAway('too_many_pages')
      const answer: Answer = await ask(path)
      const read = parsePage(answer.body, list.key, list.read)
      if (answer.status === 404 || read === null) throw new CarrierAway('unreadable_answer')
      const recent = read.items.filter(({ createdAt }) => createdAt === null || createdAt >= since)
      for (const one of recent) items.set(one.sid, one)
      path = read.next === null || recent.length === 0 ? null : samePath(read.next, api)
    }
    return [...items.values()]
  }

  async function endCall(sid: string): Promise<void> {
    if (!maySid(sid)) return
    // `completed` ends a call that was answered or rings; one that still waits at the carrier takes `canceled`. Either
    // is refused for a call that is over or not in the right state, so what counts is what it is afterwards.
    for (const Status of ['completed', 'canceled']) {
      const answer = await exchange('POST', `${prefix}/Calls/${sid}.json`, new URLSearchParams({ Status }))
      if (answer.status === 404) return
      const call = parseCall(answer.body)
      if (call !== null && !isOpenState(call.state)) return
    }
    const after = await fetchCall(sid)
    if (after !== null && isOpenState(after.state)) throw new CarrierAway('call_goes_on')
  }

  return {
    live: account.live,
    name: account.live ? api.hostname : 'simulated carrier',
    accountSid: account.accountSid,
    place,
    fetchCall,
    findCalls,
    callsSince: (since) => listSince(since, { resource: 'Calls', key: 'calls', read: parseCall }),
    textsSince: (since) => listSince(since, { resource: 'Messages', key: 'messages', read: parseText }),
    endCall,
    sendText,
    fetchText,
    findTexts,
    ...twilioConferences({ prefix, ask, exchange }),
    ...twilioNumbers({ prefix, ask, exchange, attempt, nextPath: (next) => samePath(next, api) }),
    ...twilioRecordings({ prefix, ask, exchange, pool: asking, headers }),
    isSigned: (address, form, signature) =>
      spellingsOf(address).some((url) =>
        isTwilioSignature(twilioSignature(account.authToken, url, form), signature),
      ),
    close: async () => void (await Promise.all([placing, texting, asking].map((pool) => pool.destroy()))),
  }
}

function isOpenState(state: CarrierCall['state']): boolean {
  return state === 'initiated' || state === 'ringing' || state === 'in_progress'
}

function placeForm(request: PlaceRequest): URLSearchParams {
  const form = new URLSearchParams({ To: request.to, From: request.from })
  if ('twiml' in request.instructions) form.set('Twiml', request.instructions.twiml)
  else {
    form.set('Url', request.instructions.url)
    form.set('Method', 'POST')
  }
  form.set('Timeout', String(request.ringTimeoutSeconds))
  form.set('StatusCallback', request.statusCallbackUrl)
  form.set('StatusCallbackMethod', 'POST')
  for (const event of ['initiated', 'ringing', 'answered', 'completed'])
    form.append('StatusCallbackEvent', event)
  if (request.detection !== undefined) askWhoAnswers(form, request.detection)
  if (request.recordingUrl !== undefined) {
    form.set('Record', 'true')
    form.set('RecordingStatusCallback', request.recordingUrl)
    form.set('RecordingStatusCallbackMethod', 'POST')
    form.set('RecordingStatusCallbackEvent', 'completed')
  }
  return form
}

function askWhoAnswers(form: URLSearchParams, detection: MachineDetection): void {
  if (detection.kind === 'afterBeep') return form.set('MachineDetection', 'DetectMessageEnd')
  form.set('MachineDetection', 'Enable')
  form.set('AsyncAmd', 'true')
  form.set('AsyncAmdStatusCallback', detection.url)
  form.set('AsyncAmdStatusCallbackMethod', 'POST')
}

function sendForm(request: SendRequest): URLSearchParams {
  const { to, from, body, statusCallbackUrl } = request
  return new URLSearchParams({ To: to, From: from, Body: body, StatusCallback: statusCallbackUrl })
}

/** The next page, only ever at the same carrier: an address elsewhere would be sent our credentials. */
function samePath(next: string, api: URL): string {
  const url = URL.parse(next, api.origin)
  if (url?.origin !== api.origin) throw new CarrierAway('next_page_elsewhere')
  return url.pathname + url.search
}
