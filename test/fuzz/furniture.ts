/** A workspace with one of everything, made through the API, and the ids of it all. */
import type { HttpWorld } from '../http-world.ts'
import type { User } from '../../src/accounts/user.ts'
import type { Role } from '../../src/http/principal.ts'
import { Seen } from './values.ts'

export type Furniture = {
  /** The id that a path of this kind leads to. */
  idFor(path: string): string
  /** What may stand in a query or a body, with its kind. */
  values: readonly (readonly [kind: string, value: string | number])[]
  valueOf(kind: string): string | number
  seen: Seen
  /** The same kinds, of which there is none. */
  absent: Pick<Furniture, 'idFor' | 'valueOf'> & Furniture
}

/** Which kind of thing a path names, by how it begins. */
const kinds: readonly [RegExp, string][] = [
  [/^\/api\/users/, 'user'],
  [/^\/api\/agents/, 'agent'],
  [/^\/api\/v1\/heroes/, 'hero'],
  [/^\/api\/keys/, 'key'],
  [/^\/api\/webhooks/, 'webhook'],
  [/^\/api\/jobs/, 'job'],
  [/^\/api\/dialer-keys/, 'dialer_key'],
  [/^\/api\/leads\/intake-log/, 'intake'],
  [/^\/api\/leads/, 'lead'],
  [/^\/api\/system\/files/, 'file'],
  [/^\/api\/system\/campaigns\/number\/\{id\}\/delete/, 'number'],
  [/^\/api\/system\/campaigns/, 'campaign'],
  [/^\/api\/system\/number/, 'number'],
  [/^\/api\/calls/, 'call'],
  [/^\/api\/messages/, 'message'],
  [/^\/call\//, 'plan'],
  [/^\/api\/v1\/call-requests/, 'request'],
]
const uuids = new Set(['user', 'agent', 'key', 'dialer_key', 'webhook', 'call', 'message'])
const nowhere = '018f4e9a-0000-7000-8000-000000000000'

export async function furnish(
  world: HttpWorld,
  people: Record<Role, User>,
  word: string,
): Promise<Furniture> {
  const seen = new Seen()
  const ids = new Map<string, string | number>()
  const { sql } = world.database
  async function make(kind: string, url: string, body: unknown, by: Role = 'admin') {
    const answer = await world.as(people[by], 'POST', url, body)
    if (answer.statusCode >= 300) throw new Error(`${url} for ${word}: ${answer.statusCode} ${answer.body}`)
    const made: unknown = answer.json()
    seen.learn(made)
    const id = idIn(made)
    if (id !== null) ids.set(kind, id)
  }
  const workspace = people.admin.workspaceId
  await sql`
    update users set is_verified_email = true, is_verified_phone = true, is_verified_payment = true, phone = '+12025550101'
     where workspace_id = ${workspace}`
  ids.set('user', people.manager.id)
  await make('agent', '/api/agents/', { name: `${word} agent` })
  const [hero] = await sql<{ id: number }[]>`select id from heroes where workspace_id = ${workspace} limit 1`
  if (hero !== undefined) ids.set('hero', hero.id)
  await make('key', '/api/keys/', { name: `${word} key` })
  await make('dialer_key', '/api/dialer-keys/', { name: `${word} dialer` })
  await make('webhook', '/api/webhooks/', { url: `https://${word}.example.com/in` })
  await make('lead', '/api/leads/', { full_name: `${word} lead`, phone: '+12025550102' })
  await make('other_lead', '/api/leads/', { full_name: `${word} lead two`, phone: '+12025550103' })
  await make('plan', '/call/', { lead: ids.get('lead'), frequency: 'DAILY' })
  const campaign = {
    name: `${word} campaign`,
    services: 'PHONE',
    individual_number: ['+12025550104', '+12025550105'],
  }
  await make('campaign', '/api/system/campaigns/', campaign)
  const [number] = await sql<{ id: number }[]>`
    select id from campaign_numbers where workspace_id = ${workspace} limit 1`
  if (number !== undefined) ids.set('number', number.id)
  await make('call', '/api/calls/', { to_number: '+12025550106', message: `${word} call` })
  await make('message', '/api/messages/', { to_number: '+12025550107', message: `${word} text` })
  const request = { hero_id: ids.get('hero'), message: `${word} request`, estimated_length: 30 }
  await make('request', '/api/v1/call-requests/', request, 'caller')
  const values = [...ids].map(([kind, value]) => [kind, value] as const)
  const named = [
    ['username', people.agent.username],
    ['email', people.agent.email],
  ] as const
  const absent = {
    idFor: (path: string) => String(absentOf(kindOf(path))),
    valueOf: absentOf,
    values: [],
    seen,
  } as unknown as Furniture
  return {
    idFor: (path) => String(ids.get(kindOf(path)) ?? absentOf(kindOf(path))),
    values: [...values, ...named],
    valueOf: (kind) => ids.get(kind) ?? absentOf(kind),
    seen,
    absent,
  }
}

const absentOf = (kind: string): string | number => {
  if (uuids.has(kind)) return nowhere
  return kind === 'username' || kind === 'email' ? 'nobody@nowhere.test' : 987_654
}
const kindOf = (path: string): string => kinds.find(([rule]) => rule.test(path))?.[1] ?? 'lead'

function idIn(answer: unknown): string | number | null {
  for (const path of [['id'], ['call_id'], ['message_id'], ['data', 'details', 'id'], ['lead', 'id']]) {
    let value: unknown = answer
    for (const step of path)
      value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined
    if (typeof value === 'string' || typeof value === 'number') return value
  }
  return null
}
