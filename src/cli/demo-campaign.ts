/** The main job as any program does it: sign in, upload a list, begin, watch. Over HTTP, like everybody else. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { demoAdmin, demoPassword } from './demo-workspace.ts'

export type Progress = {
  total: number
  done: number
  calling: number
  outcomes: Record<string, number>
  finished: boolean
}

const message =
  'Hello {tags_name}, this is a reminder of your appointment today at {tags_appointment} in {tags_city}. Thank you and goodbye.'
const finalStatuses = ['completed', 'hungup', 'unanswered', 'failed', 'terminated', 'invalid', 'skipped']

/** Signs in, makes a campaign from the sample list and begins it. Returns a function that reads its progress. */
export async function beginDemoCampaign(
  url: string,
  list: string,
  name: string,
): Promise<{ campaignId: number; read: () => Promise<Progress> }> {
  const { access } = await answerOf<{ access: string }>(
    fetch(`${url}/api/token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: demoAdmin, password: demoPassword }),
    }),
  )
  const headers = { authorization: `Bearer ${access}` }
  const form = new FormData()
  form.set('name', name)
  form.set('services', 'PHONE')
  form.set('description', 'A thousand people who do not exist')
  form.set('send_to_number_file', new Blob([readFileSync(list)], { type: 'text/csv' }), basename(list))
  const created = await answerOf<{ data: { details: { id: number } } }>(
    fetch(`${url}/api/system/campaigns/`, { method: 'POST', headers, body: form }),
  )
  const { id } = created.data.details
  await answerOf(
    fetch(`${url}/api/system/campaigns/${id}/begin/`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    }),
  )
  const read = async () => {
    const answer = await answerOf<{
      data: { details: { status: string; progress: Record<string, number> } }
    }>(fetch(`${url}/api/system/campaigns/${id}/details/`, { headers }))
    return toProgress(answer.data.details)
  }
  return { campaignId: id, read }
}

function toProgress({ status, progress }: { status: string; progress: Record<string, number> }): Progress {
  const outcomes = Object.fromEntries(
    finalStatuses.map((word) => [word, progress[word] ?? 0]).filter(([, count]) => Number(count) > 0),
  ) as Record<string, number>
  const total = Object.values(progress).reduce((sum, count) => sum + count, 0)
  const done = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  return {
    total,
    done,
    calling: progress.calling ?? 0,
    outcomes,
    finished: status === 'Completed' || status === 'Terminated',
  }
}

async function answerOf<Body>(asked: Promise<Response>): Promise<Body> {
  const response = await asked
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 500)}`)
  return JSON.parse(text) as Body
}
