import { createServer } from 'node:http'
import { SMTPServer } from 'smtp-server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHttpWorld, type HttpWorld } from '../../test/http-world.ts'
import { silentLog } from '../log.ts'
import { createMailLoop } from './mail-loop.ts'
import { createSmtpMailer } from './smtp-mailer.ts'
import { createStripePayments } from './stripe-payments.ts'

let world: HttpWorld
const closers: (() => Promise<unknown> | void)[] = []

beforeAll(async () => {
  world = await createHttpWorld()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => world.close())

const begin = '/api/accounts/verify-email/'
const confirm = '/api/accounts/verify-email/confirm/'
const isVerified = async (who: 'caller' | 'hero') =>
  (await world.as(world.people[who], 'GET', '/api/accounts/user_details/')).json().data.user_details

async function codeInOutbox(to: string): Promise<string> {
  const outbox = (await world.as(world.people.admin, 'GET', '/api/outbox/')).json()
  const mail = outbox.results.find((one: { to: string }) => one.to === to)
  return /\d{6}/.exec(mail.subject)?.[0] ?? ''
}

/** A mail server that keeps what it takes; `refuse` is what it answers to a recipient instead. */
async function mailServer(refuse: { code: number } | null = null) {
  const received: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) =>
      refuse ? done(Object.assign(new Error('no'), { responseCode: refuse.code })) : done(),
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      stream.on('end', () => {
        received.push(text)
        done()
      })
    },
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closers.push(() => new Promise<void>((closed) => server.close(closed)))
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const mailer = createSmtpMailer(`smtp://127.0.0.1:${port}`, 'Trunkline <calls@first.test>')
  closers.push(() => mailer.close())
  const { clock, database } = world
  return { received, loop: createMailLoop({ sql: database.sql, clock, log: silentLog, mailer }) }
}

describe('an e-mail address', () => {
  test('is proven by the code that was mailed to it, and by no other code', async () => {
    const { people, as } = world
    const sent = await as(people.caller, 'POST', begin, {})
    expect([sent.statusCode, sent.json().status]).toEqual([202, 202])
    expect(JSON.stringify(sent.json())).not.toMatch(/\b\d{6}\b/)
    const code = await codeInOutbox('caller@first.test')
    await as(people.hero, 'POST', begin, {})
    // A code of somebody else proves nothing, and neither does a wrong one.
    const foreign = await as(people.hero, 'POST', confirm, { code })
    expect(foreign.statusCode).toBe(400)
    expect(foreign.json()).toMatchObject({ code: 'wrong_code', param: 'code', data: {} })
    const answer = await as(people.caller, 'POST', confirm, { code })
    expect(answer.statusCode).toBe(200)
    expect(answer.json().data.user_details).toMatchObject({ is_verified_email: true, role: 'caller' })
    expect((await as(people.caller, 'POST', confirm, { code })).statusCode).toBe(400)
    expect((await isVerified('hero')).is_verified_email).toBe(false)
  })

  test('is not proven after five wrong guesses, nor by a code that went to an address that was changed since', async () => {
    const { people, as } = world
    await as(people.agent, 'POST', begin, {})
    const code = await codeInOutbox('agent@first.test')
    const wrong = code === '000000' ? '000001' : '000000'
    for (let guess = 0; guess < 5; guess += 1) await as(people.agent, 'POST', confirm, { code: wrong })
    expect((await as(people.agent, 'POST', confirm, { code })).statusCode).toBe(400)

    await as(people.manager, 'POST', begin, {})
    const old = await codeInOutbox('manager@first.test')
    await as(people.manager, 'PATCH', '/api/accounts/user_details/', { email: 'moved@first.test' })
    expect((await as(people.manager, 'POST', confirm, { code: old })).statusCode).toBe(400)
  })

  test('codes are limited to five in a quarter of an hour', async () => {
    const statuses = []
    for (let turn = 0; turn < 6; turn += 1)
      statuses.push((await world.as(world.strangers.caller, 'POST', begin, {})).statusCode)
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
  })
})

describe('the outbox', () => {
  test('is sent through SMTP, once', async () => {
    const server = await mailServer()
    await world.as(world.strangers.manager, 'POST', begin, {})
    while ((await server.loop.runOnce()) > 0);
    const mine = server.received.filter((mail) => mail.includes('manager@second.test'))
    expect(mine.length).toBe(1)
    expect(mine[0]).toContain('From: Trunkline <calls@first.test>')
    const outbox = (await world.as(world.strangers.admin, 'GET', '/api/outbox/')).json()
    expect(outbox.results[0]).toMatchObject({ to: 'manager@second.test', state: 'sent', attempts: 1 })
    expect(await server.loop.runOnce()).toBe(0)
  })

  test('keeps what the server cannot take now, and gives up what it refuses', async () => {
    const later = await mailServer({ code: 451 })
    await world.as(world.strangers.hero, 'POST', begin, {})
    while ((await later.loop.runOnce()) > 0);
    const first = async () => (await world.as(world.strangers.admin, 'GET', '/api/outbox/')).json().results[0]
    expect(await first()).toMatchObject({ state: 'waiting', attempts: 1 })
    await world.database.sql`update emails set due_at = clock_timestamp() where state = 'waiting'`
    const never = await mailServer({ code: 550 })
    while ((await never.loop.runOnce()) > 0);
    expect(await first()).toMatchObject({ state: 'failed', attempts: 2 })
  })

  test('is kept for reading when there is no mail server, and only for the own administrators', async () => {
    const { clock, database, people, as } = world
    await as(people.hero, 'POST', begin, {})
    const loop = createMailLoop({ sql: database.sql, clock, log: silentLog, mailer: null })
    while ((await loop.runOnce()) > 0);
    const outbox = (await as(people.admin, 'GET', '/api/outbox/')).json()
    expect(outbox.results[0]).toMatchObject({ to: 'hero@first.test', state: 'kept' })
    const texts = outbox.results.map((mail: { to: string }) => mail.to).join()
    expect(texts).not.toContain('second.test')
  })
})

describe('a means of payment', () => {
  test('is proven with the setup of one’s own', async () => {
    const { people, as } = world
    const begun = await as(people.caller, 'POST', '/api/accounts/payment-method/', {})
    expect(begun.statusCode).toBe(201)
    const { setup_id, client_secret } = begun.json().data
    expect(client_secret).toContain(setup_id)
    const url = '/api/accounts/payment-method/confirm/'
    expect((await as(people.hero, 'POST', url, { setup_id })).json().code).toBe('unknown_setup')
    const done = await as(people.caller, 'POST', url, { setup_id })
    expect(done.json().data.user_details.is_verified_payment).toBe(true)
    expect((await isVerified('hero')).is_verified_payment).toBe(false)
  })

  test('is asked of Stripe through its library, at the address that was configured', async () => {
    const asked: string[] = []
    let status = 'requires_payment_method'
    const stripe = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const secret = request.headers.authorization === 'Bearer sk_test_1'
      const bodies: Record<string, object> = {
        '/v1/customers': { id: 'cus_1', object: 'customer' },
        '/v1/setup_intents': { id: 'seti_1', object: 'setup_intent', client_secret: 'seti_1_secret' },
        '/v1/setup_intents/seti_1': { id: 'seti_1', status, payment_method: 'pm_1' },
        '/v1/payment_intents': { id: 'pi_1', status: 'succeeded' },
      }
      response.setHeader('content-type', 'application/json')
      response.statusCode = secret ? 200 : 401
      response.end(JSON.stringify(bodies[request.url ?? ''] ?? {}))
    })
    await new Promise<void>((listening) => stripe.listen(0, '127.0.0.1', listening))
    closers.push(() => new Promise((closed) => stripe.close(closed)))
    closers.push(() => stripe.closeAllConnections())
    const address = stripe.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const payments = createStripePayments('sk_test_1', `http://127.0.0.1:${port}`)

    const setup = await payments.setUp({ userId: 'u', email: 'a@b.test', customer: null })
    expect(setup).toEqual({ id: 'seti_1', clientSecret: 'seti_1_secret', customer: 'cus_1' })
    expect(await payments.prove('seti_1')).toEqual({ proven: false, reason: 'requires_payment_method' })
    status = 'succeeded'
    expect(await payments.prove('seti_1')).toEqual({ proven: true, paymentMethod: 'pm_1' })
    const charge = {
      amount: 500,
      currency: 'usd',
      customer: 'cus_1',
      paymentMethod: 'pm_1',
      description: 'fee',
      idempotencyKey: 'k',
    }
    expect(await payments.charge(charge)).toEqual({ charged: true, id: 'pi_1' })
    expect(asked).toContain('POST /v1/customers')
  })
})

describe('heroes', () => {
  test('are seen by everybody who is signed in, and by nobody else', async () => {
    const { people, strangers, as, app } = world
    const list = await as(people.caller, 'GET', '/api/v1/heroes')
    expect(list.json()).toMatchObject({ count: 1, next: null, previous: null })
    const [hero] = list.json().results
    expect(hero).toMatchObject({ user: people.hero.id, first_name: 'hero', timezone: 'UTC', active: true })
    expect(hero.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    expect((await app.inject({ method: 'GET', url: '/api/v1/heroes/' })).statusCode).toBe(403)
    expect((await as(strangers.caller, 'GET', `/api/v1/heroes/${hero.id}/`)).statusCode).toBe(404)
  })

  test('who asked to become one are not public before an administrator approves them', async () => {
    const { people, as } = world
    const asked = await as(people.caller, 'POST', '/api/v1/heroes/', { bio: 'Ask me about goats' })
    expect(asked.statusCode).toBe(201)
    const url = `/api/v1/heroes/${asked.json().id}/`
    expect(asked.json()).toMatchObject({ active: false, approved: false, bio: 'Ask me about goats' })
    expect((await as(people.agent, 'GET', url)).statusCode).toBe(404)
    expect((await as(people.caller, 'PATCH', url, { active: true })).statusCode).toBe(403)
    const waiting = await as(people.admin, 'GET', '/api/v1/heroes/?waiting=true')
    expect(waiting.json().results.map((one: { id: number }) => one.id)).toEqual([asked.json().id])
    expect((await as(people.admin, 'PATCH', url, { active: 'true' })).json()).toMatchObject({ active: true })
    expect((await as(people.agent, 'GET', url)).statusCode).toBe(200)
    const details = (await as(people.caller, 'GET', '/api/accounts/user_details/')).json().data.user_details
    expect(details).toMatchObject({ hero_id: asked.json().id, role: 'hero' })
  })

  test('hide and show themselves, and change only their own profile', async () => {
    const { people, as } = world
    const url = `/api/v1/heroes/${people.hero.heroId}/`
    expect((await as(people.agent, 'PATCH', url, { bio: 'x' })).statusCode).toBe(403)
    expect((await as(people.hero, 'PATCH', url, { active: false, bio: 'Away' })).json()).toMatchObject({
      active: false,
      bio: 'Away',
    })
    expect((await as(people.agent, 'GET', url)).statusCode).toBe(404)
    expect((await as(people.hero, 'PATCH', url, { active: true })).json().active).toBe(true)
  })
})
