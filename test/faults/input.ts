/** Everything a stranger can send: each operation of the description, hundreds of times, with what nobody should send. */
import { request as ask } from 'undici'
import { fuzz } from '../fuzz/fuzz.ts'
import { keepAdmin } from '../fuzz/keep-admin.ts'
import { admin } from './client.ts'
import { size, type Ground } from './ground.ts'
import type { Rig } from './installation.ts'
import { until } from './processes.ts'
import { inRig, type Outcome, type Row } from './row.ts'

export const inputRows: Row[] = [{ name: 'input: every operation', run: everyOperation }]

const dialerKey = 'a-dialer-key-that-only-faults-have'
const withDialer = (): Record<string, string> => ({ DIALER_API_KEY: dialerKey })

/** Signed in as an administrator, who may do everything: what is refused is refused for what it says. */
function everyOperation(ground: Ground): Promise<Outcome> {
  return inRig(
    ground,
    { profile: 'all-answer', speed: 200, environment: withDialer },
    async (rig) => {
      const server = await rig.start()
      const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as object
      const keeper = await keepAdmin(rig.sql, admin.email, () => tokenOf(server.url))
      const fuzzed = await fuzz({
        document,
        seed: ground.seed,
        perOperation: size(ground, 12, 500),
        refresh: keeper.restore,
        // A stream does not end.
        except: ({ path }) => path.endsWith('/stream'),
        send: async ({ method, path, headers, body }) => {
          const answer = await ask(`${server.url}${path}`, {
            method: method as 'GET',
            headers: {
              ...headers,
              authorization: `Bearer ${await keeper.token()}`,
              'x-dialer-api-key': dialerKey,
            },
            body,
          })
          return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
        },
      })
      rig.findings.push(...fuzzed.findings)
      const of = (from: number) =>
        [...fuzzed.byStatus].reduce(
          (sum, [status, count]) => sum + (status >= from && status < from + 100 ? count : 0),
          0,
        )
      return {
        operations: fuzzed.operations,
        requests: fuzzed.requests,
        '2xx': of(200),
        '4xx': of(400),
        '5xx': of(500),
        'failures of the carrier, told as such': fuzzed.carrierFailures,
        'slowest ms': Math.round(fuzzed.slowestMs),
      }
    },
    { settled: nothingIsOpen },
  )
}

/** Calls and texts that were asked for next year may wait. */
async function nothingIsOpen(rig: Rig): Promise<void> {
  await until('no call or text is under way', 90_000, async () => {
    const [row] = await rig.sql<{ over: boolean }[]>`
      select not exists (select from calls where phase = 'open')
             and not exists (select from texts where phase in ('open', 'sent')) as over`
    return row?.over === true
  })
}

async function tokenOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(admin),
  })
  return String(((await answer.json()) as { access: unknown }).access)
}
