/** The part of the adapter that asks who is in a conference, and speaks to one call. */
import { CarrierAway, type Carrier } from './carrier.ts'
import type { Answer, OneRequest } from './one-request.ts'
import { maySid, parsePage } from './twilio-answers.ts'

type Asking = {
  /** The path of the account's resources. */
  prefix: string
  /** An answer of success, or 404. */
  ask: (path: string) => Promise<Answer>
  exchange: (method: OneRequest['method'], path: string, form?: URLSearchParams) => Promise<Answer>
}

export function twilioConferences({
  prefix,
  ask,
  exchange,
}: Asking): Pick<Carrier, 'participants' | 'instruct'> {
  async function list(path: string, key: string, member: string): Promise<string[]> {
    const answer = await ask(`${prefix}/${path}`)
    if (answer.status === 404) return []
    const page = parsePage(answer.body, key, (item) => {
      const sid = item[member]
      return typeof sid === 'string' ? sid : null
    })
    if (page === null) throw new CarrierAway('unreadable_answer')
    return page.items
  }

  return {
    async participants(name) {
      const search = new URLSearchParams({ FriendlyName: name, Status: 'in-progress', PageSize: '20' })
      const [sid] = await list(`Conferences.json?${search.toString()}`, 'conferences', 'sid')
      if (sid === undefined || !/^CF[0-9a-f]{32}$/i.test(sid)) return []
      return list(`Conferences/${sid}/Participants.json?PageSize=20`, 'participants', 'call_sid')
    },
    async instruct(sid, twiml) {
      if (!maySid(sid)) return
      await exchange('POST', `${prefix}/Calls/${sid}.json`, new URLSearchParams({ Twiml: twiml }))
    },
  }
}
