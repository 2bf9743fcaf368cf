/** Recordings in Twilio's API of 2010-04-01: those of a call, the sound of one, and deleting it. */
import type { Readable } from 'node:stream'
import type { Pool } from 'undici'
import { CarrierAway, type Carrier, type CarrierRecording } from './carrier.ts'
import type { Answer, OneRequest } from './one-request.ts'
import { maySid, mayRecordingSid, parsePage } from './twilio-answers.ts'

type Api = {
  prefix: string
  ask: (path: string) => Promise<Answer>
  exchange: (method: OneRequest['method'], path: string) => Promise<Answer>
  pool: Pool
  headers: Record<string, string>
}

const soundTimeoutMs = 30_000

export function twilioRecordings({
  prefix,
  ask,
  exchange,
  pool,
  headers,
}: Api): Pick<Carrier, 'findRecordings' | 'openRecording' | 'deleteRecording'> {
  return {
    async findRecordings(callSid) {
      if (!maySid(callSid)) return []
      const answer = await ask(`${prefix}/Calls/${callSid}/Recordings.json?PageSize=100`)
      if (answer.status === 404) return []
      const page = parsePage(answer.body, 'recordings', readRecording)
      if (page === null) throw new CarrierAway('unreadable_answer')
      return page.items
    },
    async openRecording(sid): Promise<Readable | null> {
      if (!mayRecordingSid(sid)) return null
      try {
        const { statusCode, body } = await pool.request({
          method: 'GET',
          path: `${prefix}/Recordings/${sid}.wav`,
          headers,
          headersTimeout: soundTimeoutMs,
          bodyTimeout: soundTimeoutMs,
        })
        if (statusCode === 200) return body
        await body.dump()
        if (statusCode === 404) return null
        throw new CarrierAway(`http_${statusCode}`)
      } catch (error) {
        if (error instanceof CarrierAway) throw error
        throw new CarrierAway('no_sound')
      }
    },
    async deleteRecording(sid) {
      if (!mayRecordingSid(sid)) return
      const { status } = await exchange('DELETE', `${prefix}/Recordings/${sid}.json`)
      if (status !== 204 && status !== 200 && status !== 404) throw new CarrierAway(`http_${status}`)
    },
  }
}

function readRecording(item: Record<string, unknown>): CarrierRecording | null {
  const seconds = Number(item.duration ?? 0)
  return mayRecordingSid(item.sid) ? { sid: item.sid, seconds: Number.isFinite(seconds) ? seconds : 0 } : null
}
