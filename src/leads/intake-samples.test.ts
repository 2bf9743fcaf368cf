/** The requests that the document prints, as the libraries it names send them. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDialerKey } from '../../test/http-world.ts'
import { createLeadWorld, intakeUrl, type LeadWorld } from './lead-world.fixture.ts'

let world: LeadWorld
beforeAll(async () => {
  world = await createLeadWorld()
})
afterAll(() => world.close())

const wholeSecond = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** The document's comprehensive body, filled with the values of its sample answer. */
const sample = {
  dialer_user_id: 'vicidial_user_123',
  user: 'agent1',
  lead_id: 'DIALER_12345',
  vendor_id: 'VENDOR_001',
  list_id: 'LIST_12345',
  first_name: 'John',
  middle_initial: 'A',
  last_name: 'Smith',
  address1: '123 Solar Street',
  city: 'London',
  postal_code: 'SW1A 1AA',
  phone_number: '+44123456789',
  email: 'john.smith@example.com',
  campaign: 'Solar_Campaign_2024',
  session_id: 'SESSION_12345',
  recording_file: 'recording_12345.wav',
}

test('the sample body is answered with the sample lead', async () => {
  const answer = await world.post(sample)
  expect(answer.statusCode).toBe(201)
  const body = answer.json()
  expect(body).toMatchObject({
    success: true,
    message: 'Lead created successfully',
    lead: {
      full_name: 'John A Smith',
      phone: '+44123456789',
      email: 'john.smith@example.com',
      status: 'interested',
      assigned_agent_name: 'Agent One',
      assigned_agent_username: 'agent1',
      dialer_lead_id: 'DIALER_12345',
      vendor_id: 'VENDOR_001',
      list_id: 'LIST_12345',
      address1: '123 Solar Street',
      city: 'London',
      postal_code: 'SW1A 1AA',
      campaign: 'Solar_Campaign_2024',
      session_id: 'SESSION_12345',
      recording_file: 'recording_12345.wav',
      comments: null,
    },
  })
  expect(Number.isInteger(body.lead.id)).toBe(true)
  expect(body.lead.created_at).toMatch(wholeSecond)
  expect(body.lead.updated_at).toMatch(wholeSecond)
  expect(new URL(body.redirect_url).search).toBe(`?from_dialer=true&lead_id=${body.lead.id}`)

  const again = await world.post({ ...sample, city: 'Leeds' })
  expect(again.statusCode).toBe(201)
  expect(again.json()).toMatchObject({
    message: 'Lead updated successfully',
    lead: { id: body.lead.id, city: 'Leeds' },
  })
})

test('the script of the document is served: JSON through fetch', async () => {
  const leadData = {
    dialer_user_id: 'vicidial_user_123',
    full_name: 'John Smith',
    phone: '+44123456788',
    email: 'john@example.com',
    notes: 'Interested in solar panels',
  }
  const origin = await listeningOrigin()
  const response = await fetch(`${origin}${intakeUrl}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Dialer-Api-Key': testDialerKey },
    body: JSON.stringify(leadData),
  })
  const result: unknown = await response.json()
  expect(response.ok).toBe(true)
  expect(result).toMatchObject({
    lead: { ...without(leadData, 'dialer_user_id'), assigned_agent_username: 'agent1' },
  })
})

test('the Python and PHP samples are served, byte for byte as their libraries send them', async () => {
  const origin = new URL(await listeningOrigin())
  const python =
    '{"full_name": "John Smith", "phone": "+44123456787", "email": "john@example.com", "notes": "Interested in solar panels", "agent_username": "agent1"}'
  const php =
    '{"full_name":"John Smith","phone":"+44123456786","email":"john@example.com","notes":"Interested in solar panels","agent_username":"agent1"}'
  const requests = [
    `POST ${intakeUrl} HTTP/1.1\r\nHost: ${origin.host}\r\nUser-Agent: python-requests/2.31.0\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: close\r\nX-Dialer-Api-Key: ${testDialerKey}\r\nContent-Length: ${python.length}\r\nContent-Type: application/json\r\n\r\n${python}`,
    `POST ${intakeUrl} HTTP/1.0\r\nContent-Type: application/json\r\nX-Dialer-Api-Key: ${testDialerKey}\r\nHost: ${origin.host}\r\nContent-Length: ${php.length}\r\nConnection: close\r\n\r\n${php}`,
  ]
  for (const request of requests) {
    const answer = await exchange(Number(origin.port), request)
    expect(answer).toMatch(/^HTTP\/1\.1 201 /)
    expect(answer).toContain('"message":"Lead created successfully"')
    expect(answer).toContain('"notes":"Interested in solar panels"')
  }
})

test('the curl sample is served with its key added, and 401 without one', async () => {
  const payload = {
    full_name: 'Test Lead',
    phone: '+44123456785',
    email: 'test@example.com',
    notes: 'Test lead from dialer',
    agent_username: 'agent1',
  }
  expect((await world.post(payload)).statusCode).toBe(201)
  const bare = await world.app.inject({ method: 'POST', url: intakeUrl, payload })
  expect([bare.statusCode, bare.json().error]).toEqual([401, 'Invalid API key'])
  const wrong = await world.post(payload, { headers: { 'x-dialer-api-key': 'wrong' } })
  expect([wrong.statusCode, wrong.json().error]).toEqual([401, 'Invalid API key'])
})

function without(members: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([member]) => member !== name))
}

async function listeningOrigin(): Promise<string> {
  if (!world.app.server.listening) await world.app.listen({ port: 0, host: '127.0.0.1' })
  const address = world.app.server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

async function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()))
    socket.on('error', reject)
  })
}
