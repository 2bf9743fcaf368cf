import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpWorld, testPassword, type HttpWorld } from '../../test/http-world.ts'
import { transaction } from '../db/sql.ts'
import { updateWorkspace } from './workspace-store.ts'

let world: HttpWorld

beforeAll(async () => {
  world = await createHttpWorld()
})
afterAll(() => world.close())

describe('the own account', () => {
  test('user_details has the members of the documents', async () => {
    const answer = await world.as(world.people.agent, 'GET', '/api/accounts/user_details/')
    expect(answer.json()).toMatchObject({
      status: 200,
      success: true,
      message: null,
      errors: [],
      data: {
        user_details: {
          first_name: 'agent',
          last_name: '',
          email: 'agent@first.test',
          username: 'agent@first.test',
          is_verified_email: false,
          contact_number: '',
          is_verified_phone: false,
          address: '',
          id: world.people.agent.id,
          role: 'agent',
          timezone: 'UTC',
          profile_image: null,
          is_verified_payment: false,
          workspace: 'first',
        },
      },
    })
  })

  test('a changed phone loses its verification, an unchanged one keeps it', async () => {
    const { people, as } = world
    const url = `/api/users/${people.caller.id}/`
    await as(people.admin, 'PATCH', url, {
      phone: '+9779841000000',
      is_verified_phone: true,
      is_verified_email: 'True',
    })
    const own = '/api/accounts/user_details/'
    const same = await as(people.caller, 'PATCH', own, {
      contact_number: '+9779841000000',
      address: 'Kathmandu',
    })
    expect(same.json().data.user_details).toMatchObject({
      is_verified_phone: true,
      is_verified_email: true,
      address: 'Kathmandu',
    })
    const changed = await as(people.caller, 'PATCH', own, {
      phone: '+9779841000001',
      email: 'caller2@first.test',
    })
    expect(changed.json().data.user_details).toMatchObject({
      contact_number: '+9779841000001',
      is_verified_phone: false,
      is_verified_email: false,
      username: 'caller2@first.test',
    })
    await as(people.caller, 'PATCH', own, { email: 'caller@first.test' })
  })

  test('an e-mail of somebody else is refused in any letter case', async () => {
    const answer = await world.as(world.people.caller, 'PATCH', '/api/accounts/user_details/', {
      email: 'ADMIN@second.test',
    })
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'email_taken', param: 'email', data: {} })
  })

  test('two people who take one e-mail at once: one has it, the other is told', async () => {
    for (let round = 0; round < 5; round += 1) {
      const email = `wanted-${round}@first.test`
      const answers = await Promise.all(
        [world.people.agent, world.people.hero, world.people.caller].map((user) =>
          world.as(world.people.admin, 'PATCH', `/api/users/${user.id}/`, { email }),
        ),
      )
      expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 409, 409])
    }
    await giveBackEmails()
  })

  test('a username is held against the e-mail that stands when it is written', async () => {
    const { id } = world.people.manager
    for (let round = 0; round < 5; round += 1) {
      const emails = [`old-${round}@first.test`, `new-${round}@first.test`]
      const answers = await Promise.all(
        emails.flatMap((email) => [
          world.as(world.people.admin, 'PATCH', `/api/users/${id}/`, { email, username: `name${round}` }),
          world.as(world.people.admin, 'PATCH', `/api/users/${id}/`, { username: email }),
        ]),
      )
      expect(answers.filter((answer) => ![200, 400].includes(answer.statusCode))).toEqual([])
    }
    await giveBackEmails()
  })

  test('read-only members that a client sends are not written', async () => {
    const payload = {
      role: 'admin',
      id: world.people.admin.id,
      workspace: 'second',
      is_verified_payment: true,
      is_active: false,
    }
    const answer = await world.as(world.people.caller, 'PATCH', '/api/accounts/user_details/', payload)
    expect(answer.json().data.user_details).toMatchObject({
      role: 'caller',
      id: world.people.caller.id,
      workspace: 'first',
      is_verified_payment: false,
    })
  })

  test('a picture is taken as a file, shown at an address nobody guesses, and gone when it is removed', async () => {
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(500, 7)])
    const form = new FormData()
    form.set('first_name', 'Pictured')
    form.set('profile_image', new Blob([png], { type: 'text/html' }), '../../evil.html')
    const token = await world.tokenOf('hero@first.test')
    const request = new Request('http://x/', { method: 'POST', body: form })
    const answer = await world.app.inject({
      method: 'PATCH',
      url: '/api/accounts/user_details/',
      headers: { authorization: token, 'content-type': request.headers.get('content-type') ?? '' },
      payload: Buffer.from(await request.arrayBuffer()),
    })
    const details = answer.json().data.user_details
    expect(details.first_name).toBe('Pictured')
    const url = new URL(details.profile_image)
    expect(url.pathname).toMatch(/^\/files\/images\/[\w-]{32}$/)
    const image = await world.app.inject({ method: 'GET', url: url.pathname })
    expect(image.headers['content-type']).toBe('image/png')
    expect(image.rawPayload.equals(png)).toBe(true)

    await world.as(world.people.hero, 'PATCH', '/api/accounts/user_details/', { profile_image: null })
    expect((await world.app.inject({ method: 'GET', url: url.pathname })).statusCode).toBe(404)
  })

  test('an address that is not https, and a file that is no picture, are refused', async () => {
    for (const profile_image of [
      'http://example.com/a.png',
      'javascript:alert(1)',
      'data:image/png;base64,AA',
    ]) {
      const answer = await world.as(world.people.hero, 'PATCH', '/api/accounts/user_details/', {
        profile_image,
      })
      expect(answer.statusCode).toBe(400)
      expect(answer.json().param).toBe('profile_image')
    }
  })
})

/** The other tests sign in with the addresses that everybody began with. */
async function giveBackEmails(): Promise<void> {
  const { agent, hero, caller, manager } = world.people
  for (const { id, email } of [agent, hero, caller, manager]) {
    const answer = await world.as(world.people.admin, 'PATCH', `/api/users/${id}/`, { email })
    expect(answer.statusCode).toBe(200)
  }
}

const register = (payload: object) =>
  world.app.inject({ method: 'POST', url: '/api/accounts/register/', payload })

describe('registration', () => {
  const person = { email: 'new@person.test', password: testPassword, first_name: 'New', last_name: 'Person' }

  test('is closed until the workspace opens it, and makes callers only', async () => {
    expect((await register(person)).statusCode).toBe(403)
    await transaction(world.database.sql, (tx) =>
      updateWorkspace(tx, world.workspaceId, { name: null, settings: { signUpOpen: true } }),
    )
    const answer = await register({ ...person, role: 'admin', is_verified_email: true })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({
      status: 201,
      data: { user_details: { role: 'caller', is_verified_email: false, workspace: 'first' } },
    })
    expect((await register({ ...person, workspace: 'second', email: 'x@y.test' })).statusCode).toBe(403)
    expect((await register(person)).json().code).toBe('email_taken')
    expect((await register({ ...person, email: 'short@y.test', password: 'short' })).json().param).toBe(
      'password',
    )
  })
})

describe('people', () => {
  test('a person of the role agent or hero gets that profile, and the password is never shown', async () => {
    const payload = {
      email: 'a9@first.test',
      username: 'agent9',
      password: testPassword,
      role: 'AGENT',
      dialer_user_id: 9001,
    }
    const answer = await world.as(world.people.admin, 'POST', '/api/users/', payload)
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({
      username: 'agent9',
      role: 'agent',
      dialer_user_id: '9001',
      hero_id: null,
    })
    expect(answer.json().agent_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.body).not.toContain('password')

    const hero = await world.as(world.people.admin, 'PATCH', `/api/users/${answer.json().id}/`, {
      role: 'hero',
    })
    expect(hero.json()).toMatchObject({ role: 'hero', agent_id: answer.json().agent_id })
    expect(Number.isInteger(hero.json().hero_id)).toBe(true)
  })

  test('people of another workspace are as unknown as people who do not exist', async () => {
    const unknown = '018f4e9a-0000-7000-8000-000000000000'
    for (const [method, payload] of [
      ['GET', undefined],
      ['PATCH', { first_name: 'x' }],
      ['DELETE', undefined],
    ] as const) {
      const other = await world.as(
        world.people.admin,
        method,
        `/api/users/${world.strangers.agent.id}/`,
        payload,
      )
      const none = await world.as(world.people.admin, method, `/api/users/${unknown}/`, payload)
      expect(other.statusCode).toBe(404)
      expect({ ...other.json(), request_id: '' }).toEqual({ ...none.json(), request_id: '' })
    }
    const list = await world.as(world.people.admin, 'GET', '/api/users/?page_size=100')
    expect(list.body).not.toContain('second.test')
  })

  test('pages have absolute links, and one beyond the end is 404', async () => {
    const page = await world.as(world.people.admin, 'GET', '/api/users/?page=2&page_size=2')
    expect(page.json().next).toMatch(/^http:\/\/[^/]+\/api\/users\/\?page=3&page_size=2$/)
    expect(page.json().previous).toMatch(/page=1/)
    const beyond = await world.as(world.people.admin, 'GET', '/api/users/?page=99')
    expect(beyond.statusCode).toBe(404)
    expect(beyond.json().detail).toBe('Invalid page.')
    for (const wrong of ['0', '-1', 'x', '1&page=x', '9'.repeat(40)]) {
      expect((await world.as(world.people.admin, 'GET', `/api/users/?page=${wrong}`)).statusCode).toBe(400)
    }
  })

  test('the last administrator can neither be disabled nor demoted', async () => {
    const url = `/api/users/${world.people.admin.id}/`
    expect((await world.as(world.people.admin, 'DELETE', url)).json().code).toBe('last_admin')
    expect((await world.as(world.people.admin, 'PATCH', url, { role: 'manager' })).statusCode).toBe(409)
    expect((await world.as(world.people.admin, 'PATCH', url, { is_active: 'false' })).statusCode).toBe(409)
  })
})

describe('workspaces', () => {
  test('the owner makes one that shares nothing with the first', async () => {
    const payload = { name: 'Third & Co.', admin_email: 'boss@third.test', admin_password: testPassword }
    const answer = await world.as(world.people.admin, 'POST', '/api/workspaces/', payload)
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ slug: 'third-co', name: 'Third & Co.', admin: { role: 'admin' } })
    const token = await world.tokenOf('boss@third.test')
    const people = await world.app.inject({
      method: 'GET',
      url: '/api/users/',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(people.json().count).toBe(1)
  })

  test('an administrator who does not own the installation makes none', async () => {
    const payload = { name: 'No', admin_email: 'no@no.test', admin_password: testPassword }
    expect((await world.as(world.strangers.admin, 'POST', '/api/workspaces/', payload)).statusCode).toBe(403)
  })
})

test('an agent is read by its id, and by nobody of another workspace', async () => {
  const { people, as } = world
  const url = `/api/agents/${people.agent.agentId}/`
  expect((await as(people.agent, 'GET', url)).json()).toMatchObject({
    id: people.agent.agentId,
    user: people.agent.id,
  })
  expect((await as(world.strangers.admin, 'GET', url)).statusCode).toBe(404)
})
