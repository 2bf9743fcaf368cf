/** What a program that uses the server does, over HTTP and nothing else. */
import { setTimeout as delay } from 'node:timers/promises'
import { randomToken } from '../../src/random.ts'

export const admin = { email: 'admin@example.test', password: 'a-password-for-faults' }

/** Stays good when the server is started again: the key behind the token is the same. */
export type Client = { token: string }
type Body = Record<string, unknown>

export async function signIn(url: string): Promise<Client> {
  const { access } = await send<{ access: string }>(`${url}/api/token/`, { body: { ...admin } })
  return { token: access }
}

/** Makes a campaign from numbers. Returns its id. */
export async function makeCampaign(
  url: string,
  client: Client,
  numbers: readonly string[],
  services: 'PHONE' | 'SMS' = 'PHONE',
): Promise<number> {
  const body = { name: 'Faults', services, individual_number: numbers }
  const made = await send<{ data: { details: { id: number } } }>(`${url}/api/system/campaigns/`, {
    client,
    body,
  })
  return made.data.details.id
}

/** Makes a campaign from a CSV file; with the same key, the same one. Its import may go on after the answer. */
export async function uploadCampaign(
  url: string,
  client: Client,
  { csv, key }: { csv: string; key: string },
): Promise<number> {
  const form = new FormData()
  form.set('name', 'Import')
  form.set('services', 'PHONE')
  form.set('send_to_number_file', new Blob([csv], { type: 'text/csv' }), 'people.csv')
  const made = await send<{ data: { details: { id: number } } }>(`${url}/api/system/campaigns/`, {
    client,
    form,
    key,
  })
  return made.data.details.id
}

/** Begins a campaign. With a key, the same request sent again begins nothing else. Returns the run's id. */
export async function begin(
  url: string,
  client: Client,
  wanted: { campaignId: number; key?: string; body?: Body },
): Promise<number> {
  const begun = await send<{ data: { run_id: number } }>(
    `${url}/api/system/campaigns/${wanted.campaignId}/begin/`,
    {
      client,
      body: { message: 'This is a message.', ...wanted.body },
      ...(wanted.key === undefined ? {} : { key: wanted.key }),
    },
  )
  return begun.data.run_id
}

/** Pauses, resumes or stops the run of a campaign. */
export async function command(
  url: string,
  client: Client,
  wanted: { campaignId: number; command: 'pause' | 'resume' | 'stop' },
): Promise<void> {
  await send(`${url}/api/system/campaigns/${wanted.campaignId}/${wanted.command}/`, { client, body: {} })
}

/** Calls one number. */
export async function callNumber(url: string, client: Client, to: string): Promise<void> {
  await send(`${url}/api/calls/`, { client, body: { to_number: to, message: 'This is a message.' } })
}

/** Why nobody is dialed, as the console shows it; null when dialing goes on. */
export async function blockedReason(url: string, client: Client): Promise<string | null> {
  const mode = await send<{ dialing: { blocked_reason: string | null } }>(`${url}/api/mode/`, { client })
  return mode.dialing.blocked_reason
}

/** Sends a one-time code by text or voice. */
export async function sendCode(
  url: string,
  client: Client,
  wanted: { number: string; by: 'text' | 'voice' },
): Promise<void> {
  const body = { number: wanted.number, message: 'Your code is {otp}', sms_send_options: wanted.by }
  await send(`${url}/api/system/send/otp`, { client, body })
}

export type Offered = { phone_number: string; phone_number_sid: string }

/** Numbers that can be bought in the United States. */
export async function offeredNumbers(url: string, client: Client): Promise<Offered[]> {
  const path = '/api/system/phone_numbers?country=US'
  return (await send<{ data: { number_lists: Offered[] } }>(`${url}${path}`, { client })).data.number_lists
}

/** Buys a number, or gives it back. Returns the status of the answer; null when none came. */
export async function tradeNumber(
  url: string,
  { token }: Client,
  wanted: { method: 'POST' | 'DELETE'; sid: string; key: string },
): Promise<number | null> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...(wanted.method === 'POST' ? { 'idempotency-key': wanted.key } : {}),
  }
  const body = JSON.stringify({ phone_sid: wanted.sid })
  const path = '/api/system/phone_numbers'
  return fetch(`${url}${path}`, { method: wanted.method, headers, body }).then(
    (answer) => answer.status,
    () => null,
  )
}

const mostTimes = 20

type Sending = { client?: Client; body?: Body; form?: FormData; key?: string }

/** Told to come back, it comes back, as every program should; its key keeps that from being a second request. */
async function send<Answer>(
  url: string,
  { client, body, form, key = randomToken(16) }: Sending,
): Promise<Answer> {
  const payload = form ?? (body ? JSON.stringify(body) : null)
  const headers: Record<string, string> = payload === null ? {} : { 'idempotency-key': key }
  if (client) headers['authorization'] = `Bearer ${client.token}`
  if (body) headers['content-type'] = 'application/json'
  for (let times = 1; ; times += 1) {
    const answer = await fetch(url, { method: payload === null ? 'GET' : 'POST', headers, body: payload })
    const text = await answer.text()
    if (answer.ok) return JSON.parse(text) as Answer
    if (answer.status !== 503 || times === mostTimes)
      throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${text.slice(0, 300)}`)
    await delay(500)
  }
}
