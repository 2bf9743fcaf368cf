/** What programs outside may ask to be told. Pure. */
import type { NewEvent } from './event-log.ts'

/** Each kind, and what its data says. The first two are told one by one; the others are events of the log. */
export const noticeKinds = {
  'call.ended': 'A call came to its end, with what the board shows of it',
  'text.ended': 'A text was delivered, or will not be',
  'campaign.changed': 'A campaign began, paused, ended or was removed',
  'lead.changed': 'A lead is new, changed or gone',
  'lead.popped': 'A dialer put a lead onto the screen of an agent',
  'call_plans.changed': 'Plans have another state or date',
  'requests.changed': 'A call request was made, answered, moved or closed',
  'messages.received': 'Somebody wrote to a number of ours',
  'do_not_call.changed': 'A number may no longer be called, or may again',
} as const
export type NoticeKind = keyof typeof noticeKinds
/** What an endpoint says that wants all of them, those of later versions too. */
export const everyKind = '*'

/** What happened, for programs. `data` is asked for only when somebody wants it. */
export type Notice = { kind: NoticeKind; data: () => unknown }

/** The events that programs may hear of, each once: several people may have been told of the same. */
export function noticesOf(events: readonly NewEvent[]): Notice[] {
  const told = new Map<string, Notice>()
  for (const { kind, data } of events) {
    if (!isNoticeKind(kind)) continue
    told.set(`${kind} ${JSON.stringify(data)}`, { kind, data: () => data })
  }
  return [...told.values()]
}

export function isNoticeKind(kind: string): kind is NoticeKind {
  return Object.hasOwn(noticeKinds, kind)
}
