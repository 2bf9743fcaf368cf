/** An agreed call as an iCalendar file. Pure. Times are UTC instants, which every calendar shows in its own zone. */
import ical, { ICalCalendarMethod } from 'ical-generator'
import { endOf, type CallRequest } from './call-request.ts'

/** Null without an agreed time. The same event keeps its id, so that a changed time moves it instead of adding another. */
export function calendarOf(
  request: CallRequest,
  names: { user: string; hero: string },
  { now, url }: { now: Date; url: string | null },
): string | null {
  const end = endOf(request)
  if (request.agreedTime === null || end === null) return null
  const calendar = ical({
    prodId: { company: 'Trunkline', product: 'Call requests' },
    method: ICalCalendarMethod.PUBLISH,
  })
  calendar.createEvent({
    id: `call-request-${request.workspaceId}-${request.id}@trunkline`,
    sequence: request.agreements,
    stamp: now,
    start: request.agreedTime,
    end,
    summary: `Call: ${names.user} and ${names.hero}`,
    description: `${request.message}\n\nBoth phones are rung at this time.`,
    ...(url === null ? {} : { url }),
  })
  return calendar.toString()
}
