/** The adapter for Twilio's API of 2010-04-01 and everything that speaks it, the simulated carrier included. */
import { Pool } from 'undici'
import { exchangeOnce, type Answer, type Exchange } from './one-request.ts'
import {
  CarrierAway,
  type Carrier,
  type CarrierCall,
  type Found,
  type PlaceRequest,
  type Placement,
} from './carrier.ts'
import { maySid, parseCall, parsePage, placementOf } from './twilio-answers.ts'
import { isTwilioSignature, twilioSignature } from './twilio-signature.ts'

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
  const asking = new Pool(api.origin, { ...limits, connections: 16 })

  /** Any answer at all. Rejects with CarrierAway when there is none. */
  async function exchange(method: 'GET' | 'POST', path: string, form?: URLSearchParams): Promise<Answer> {
    const made: Exchange = await exchangeOnce(asking, {
      method,
      path,
      headers: form ? formHeaders : headers,
      body: form ? form.toString() : null,
      timeoutMs: askTimeoutMs,
      maxAnswerBytes,
      mayWrite: () => true,
    })
    if (!made.written || made.answer === null) throw new CarrierAway(made.reason)
    return made.answer
  }

  /** An answer that means what it says: success, or that there is no such thing. */
  async function ask(path: string): Promise<Answer> {
    const answer = await exchange('GET', path)
    const { status } = answer
    if (status !== 404 && (status < 200 || status > 299)) throw new CarrierAway(`http_${status}`)
    return answer
  }

  async function place(request: PlaceRequest, mayWrite: () => boolean): Promise<Placement> {
    const made = await exchangeOnce(placing, {
      method: 'POST',
      path: `${prefix}/Calls.json`,
      headers: formHeaders,
      body: placeForm(request).toString(),
      timeoutMs: account.placeTimeoutMs ?? usualPlaceTimeoutMs,
      maxAnswerBytes,
      mayWrite,
    })
    return placementOf(made, request.to)
  }

  async function fetchCall(sid: string): Promise<CarrierCall | null> {
    if (!maySid(sid)) return null
    const answer = await ask(`${prefix}/Calls/${sid}.json`)
    if (answer.status === 404) return null
    const call = parseCall(answer.body)
    if (call === null) throw new CarrierAway('unreadable_answer')
    return call
  }

  async function findCalls(query: { to: string; from: string; nowMs: number }): Promise<Found> {
    const search = new URLSearchParams({ To: query.to, From: query.from, PageSize: '100' })
    const calls: CarrierCall[] = []
    let clockAheadMs = 0
    let path: string | null = `${prefix}/Calls.json?${search.toString()}`
    for (let page = 0; path !== null; page += 1) {
      if (page === maxPages) throw new CarrierAway('too_many_pages')
      const answer: Answer = await ask(path)
      const read = parsePage(answer.body, 'calls', parseCall)
      if (answer.status === 404 || read === null) throw new CarrierAway('unreadable_answer')
      calls.push(...read.items.filter((call) => call.to === query.to && call.from === query.from))
      const date = answer.headers.date
      if (typeof date === 'string' && !Number.isNaN(Date.parse(date)))
        clockAheadMs = Date.parse(date) - query.nowMs
      path = read.next === null ? null : samePath(read.next, api)
    }
    return { calls, clockAheadMs }
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

  async function phoneNumbers(resource: string, key: string): Promise<string[]> {
    const answer = await ask(`${prefix}/${resource}.json?PageSize=1000`)
    const read = parsePage(answer.body, key, (item) =>
      typeof item.phone_number === 'string' ? item.phone_number : null,
    )
    if (read === null) throw new CarrierAway('unreadable_answer')
    return read.items
  }

  async function callerIds(): Promise<{ owned: string[]; verified: string[] }> {
    const [owned, verified] = await Promise.all([
      phoneNumbers('IncomingPhoneNumbers', 'incoming_phone_numbers'),
      phoneNumbers('OutgoingCallerIds', 'outgoing_caller_ids'),
    ])
    return { owned, verified }
  }

  return {
    live: account.live,
    name: account.live ? api.hostname : 'simulated carrier',
    accountSid: account.accountSid,
    place,
    fetchCall,
    findCalls,
    endCall,
    callerIds,
    isSigned: (url, form, signature) =>
      isTwilioSignature(twilioSignature(account.authToken, url, form), signature),
    close: async () => void (await Promise.all([placing.destroy(), asking.destroy()])),
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
  return form
}

/** The next page, only ever at the same carrier: an address elsewhere would be sent our credentials. */
function samePath(next: string, api: URL): string {
  const url = new URL(next, api.origin)
  if (url.origin !== api.origin) throw new CarrierAway('next_page_elsewhere')
  return url.pathname + url.search
}
