import type { TextGate } from '../messages/text-queue.ts'
import type { CallRequest, Side } from './call-request.ts'
import { standingAgreements } from './timer-store.ts'

/** What a reminder is about: one agreement of one request, and one party. */
export function reminderSubject(request: CallRequest, side: Side): string {
  return `request ${request.id} agreement ${request.agreements} ${side}`
}

/** A reminder is sent only while the time it speaks of still stands and lies ahead, however long it waited. */
export const reminderGate: TextGate = async (tx, texts, now) => {
  const asked = texts.map(({ workspaceId, subject }) => {
    const [, id, agreements] = /^request (\d+) agreement (\d+) /.exec(subject ?? '') ?? []
    return { workspaceId, id: Number(id ?? 0), agreements: Number(agreements ?? 0) }
  })
  const standing = await standingAgreements(tx, asked, now)
  return texts.map((text, index) =>
    standing[index] === true
      ? { send: true, body: text.body }
      : { send: false, reason: 'not_agreed_any_more' },
  )
}
