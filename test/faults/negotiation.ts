/** Pairs of people who agree on calls, move them and cancel them, as programs do: over HTTP, and again until it is answered. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { signIn } from './client.ts'
import { people } from './people.ts'

export type Agreed = {
  id: number
  pair: number
  slot: number
  /** What was agreed first. */
  time: Date
  /** The time that stands; null once it was cancelled. */
  stands: Date | null
  /** When it was answered that the first time stands no more, by the clock of this machine. */
  changedAt: number | null
}

type Person = { token: string; phone: string }
type Pair = { hero: Person & { heroId: number }; user: Person }

const password = 'a-password-for-faults'
/** Requests that are under way at once. */
const atOnce = 10

export class Negotiation {
  private readonly url: string
  private readonly pairs: readonly Pair[]

  private constructor(url: string, pairs: readonly Pair[]) {
    this.url = url
    this.pairs = pairs
  }

  static async open(url: string, count: number): Promise<Negotiation> {
    const { token } = await signIn(url)
    await ask({ method: 'PATCH', url: `${url}/api/settings/`, token, body: { cancellation_limit: 1_000 } })
    const pairs: Pair[] = []
    for (let index = 0; index < count; index += 1) {
      const [hero, user] = await Promise.all([person(url, token, 'hero'), person(url, token, 'caller')])
      pairs.push({ hero: { ...hero, heroId: hero.heroId ?? 0 }, user })
    }
    return new Negotiation(url, pairs)
  }

  /** Every pair agrees on a call in every slot. */
  async agreeAll(slots: number, timeOf: (slot: number) => Date): Promise<Agreed[]> {
    const calls: Agreed[] = []
    const wanted = Array.from({ length: slots * this.pairs.length }, (_, index) => index)
    const lane = async (): Promise<void> => {
      for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
        const [slot, pair] = [Math.floor(next / this.pairs.length), next % this.pairs.length]
        const time = timeOf(slot)
        const { hero, user } = this.pairOf(pair)
        const body = { hero_id: hero.heroId, message: 'About goats', estimated_length: 15 }
        const made = await ask({
          method: 'POST',
          url: `${this.url}/api/v1/call-requests/`,
          token: user.token,
          body,
        })
        const call = { id: Number(made['id']), pair, slot, time, stands: time, changedAt: null }
        await this.act(hero, call, 'accept', { time_one: time.toISOString() })
        await this.act(user, call, 'agreed-time', { agreed_time: time.toISOString() })
        calls.push(call)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
    return calls.sort((a, b) => a.slot - b.slot || a.pair - b.pair)
  }

  async cancel(call: Agreed): Promise<void> {
    await this.act(this.pairOf(call.pair).user, call, 'cancel', { reason: 'Something came up.' })
    call.stands = null
    call.changedAt = Date.now()
  }

  /** The hero suggests a later time, and the user takes it. */
  async moveBy(call: Agreed, ms: number): Promise<void> {
    const { hero, user } = this.pairOf(call.pair)
    const later = new Date(call.time.getTime() + ms)
    await this.act(hero, call, 'new-times', { time_one: later.toISOString() })
    await this.act(user, call, 'agreed-time', { agreed_time: later.toISOString() })
    call.stands = later
    call.changedAt = Date.now()
  }

  phonesOf(call: Agreed): [string, string] {
    const { hero, user } = this.pairOf(call.pair)
    return [hero.phone, user.phone]
  }

  private pairOf(index: number): Pair {
    const pair = this.pairs[index]
    if (pair === undefined) throw new Error(`there is no pair ${index}`)
    return pair
  }

  private act(who: Person, { id }: { id: number }, action: string, body: object) {
    const url = `${this.url}/api/v1/call-requests/${id}/${action}/`
    return ask({ method: 'PATCH', url, token: who.token, body })
  }
}

async function person(url: string, admin: string, role: 'hero' | 'caller') {
  const email = `${randomUUID()}@example.test`
  const [phone = ''] = people(1)
  const verified = { is_verified_email: true, is_verified_phone: true, is_verified_payment: true }
  const body = { email, password, role, first_name: role, phone, timezone: 'UTC', ...verified }
  const made = await ask({ method: 'POST', url: `${url}/api/users/`, token: admin, body })
  const { access } = await ask({
    method: 'POST',
    url: `${url}/api/token/`,
    token: null,
    body: { username: email, password },
  })
  return { token: String(access), phone, heroId: made['hero_id'] === null ? null : Number(made['hero_id']) }
}

type Asking = { method: 'POST' | 'PATCH'; url: string; token: string | null; body: object }

/** Asks until there is an answer: a server that died is started again. The key makes the repeats one request. */
async function ask({ method, url, token, body }: Asking): Promise<Record<string, unknown>> {
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) }).catch(() => null)
    const text = await answer?.text().catch(() => null)
    const isGone = answer === null || text === null || text === undefined || answer.status >= 500
    if (!isGone && answer.ok) return JSON.parse(text) as Record<string, unknown>
    const isBusy = answer?.status === 409 && text?.includes('idempotency') === true
    if ((!isGone && !isBusy) || tries === 300)
      throw new Error(
        `${method} ${new URL(url).pathname} answered ${answer?.status ?? 'nothing'}: ${text?.slice(0, 300)}`,
      )
    await delay(100)
  }
}
