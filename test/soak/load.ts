/** The work of a soak: runs of calls and texts without end, and the people and programs that look on meanwhile. */
import { setTimeout as delay } from 'node:timers/promises'
import { openStream } from '../stream-client.ts'
import { begin, makeCampaign, signIn, uploadCampaign, type Client } from '../faults/client.ts'
import type { Rig } from '../faults/installation.ts'
import { people } from '../faults/people.ts'

export type Load = {
  /** Answers to people and programs so far, by status; 0: none came. */
  answers: Map<number, number>
  /** Begins nothing new; resolves when everything begun is over and nobody asks any more. */
  stop(): Promise<void>
}

export const dialerKey = 'a-dialer-key-that-only-soaks-have'
const signInEveryMs = 600_000
const pages = [
  '/api/calls/?page_size=50',
  '/api/leads/?page_size=50',
  '/api/system/campaigns/',
  '/api/mode/',
  '/api/events/?limit=50',
  '/api/messages/?page_size=50',
  '/api/hume-twilio/dashboard/outbound/scheduled/?status=active&limit=50',
]

/** Two runs of calls at a time, one of texts, four pages a second, a lead every second, and a page that is kept open. */
export async function startLoad(
  rig: Rig,
  { peoplePerRun, textsPerRun }: { peoplePerRun: number; textsPerRun: number },
): Promise<Load> {
  const url = rig.origin(0)
  const answers = new Map<number, number>()
  let stopping = false
  let client = await signIn(url)
  let signedInMs = performance.now()

  async function who(): Promise<Client> {
    if (performance.now() - signedInMs > signInEveryMs) {
      signedInMs = performance.now()
      client = await signIn(url)
    }
    return client
  }
  async function over(runId: number): Promise<void> {
    for (;;) {
      const [run] = await rig.sql<{ state: string }[]>`select state from runs where id = ${runId}`
      if (run?.state === 'completed') return
      await delay(500)
    }
  }
  async function callOn(lane: number): Promise<void> {
    for (let round = 0; !stopping; round += 1) {
      const numbers = people(peoplePerRun)
      const csv = `number\n${numbers.join('\n')}\n`
      const key = `soak-${lane}-${round}-${Date.now()}`
      const campaignId = await uploadCampaign(url, await who(), { csv, key })
      await imported(rig, campaignId)
      const runId = await begin(url, await who(), { campaignId })
      rig.wanted.push({ runId, numbers })
      await over(runId)
    }
  }
  async function textOn(): Promise<void> {
    while (!stopping) {
      const numbers = people(textsPerRun)
      const campaignId = await makeCampaign(url, await who(), numbers, 'SMS')
      const runId = await begin(url, await who(), { campaignId })
      rig.texted.push(...numbers)
      await over(runId)
      await delay(5_000)
    }
  }
  async function ask(path: string, init: RequestInit): Promise<void> {
    const status = await fetch(`${url}${path}`, init).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => 0,
    )
    answers.set(status, (answers.get(status) ?? 0) + 1)
  }
  async function look(): Promise<void> {
    for (let turn = 0; !stopping; turn += 1) {
      const authorization = `Bearer ${(await who()).token}`
      await ask(pages[turn % pages.length] ?? '/', { headers: { authorization } })
      await delay(250)
    }
  }
  async function handInLeads(): Promise<void> {
    for (let turn = 0; !stopping; turn += 1) {
      const lead = {
        user: 'soak',
        lead_id: `soak-${turn}`,
        first_name: 'Soak',
        phone_number: `+1212555${1_000 + (turn % 9_000)}`,
      }
      const headers = { 'content-type': 'application/json', 'x-dialer-api-key': dialerKey }
      await ask('/api/leads/from-dialer/', { method: 'POST', headers, body: JSON.stringify(lead) })
      await delay(1_000)
    }
  }
  async function watch(): Promise<void> {
    while (!stopping) {
      const stream = await openStream(url, (await who()).token)
      for (let seconds = 0; seconds < 60 && !stopping; seconds += 1) {
        await delay(1_000)
        stream.blocks.length = 0
      }
      stream.close()
    }
  }

  const all = Promise.all([callOn(0), callOn(1), textOn(), look(), handInLeads(), watch()])
  all.catch(() => {})
  return {
    answers,
    async stop() {
      stopping = true
      await all
    },
  }
}

/** Until the job that reads the file is over. */
async function imported(rig: Rig, campaignId: number): Promise<void> {
  for (;;) {
    const [row] = await rig.sql<{ over: boolean }[]>`
      select not exists (select from jobs where campaign_id = ${campaignId} and status in ('queued', 'running')) as over`
    if (row?.over === true) return
    await delay(200)
  }
}
