import type { ParsedUrlQuery } from 'node:querystring'
import { resourceAnswer, type ApiAnswer } from './api-answer.ts'
import { timeFilter } from './call-list.ts'
import { rfc2822 } from './callback-form.ts'
import { text } from './call-request.ts'
import { reasonEnded } from './conference-callbacks.ts'
import type { Conference, Participant } from './conference.ts'
import { pageOf, readPageRequest } from './paging.ts'
import type { Workshop } from './workshop.ts'

/** Answers what is asked about conferences; null when the path is about something else. */
export function answerConference(shop: Workshop, within: string, query: ParsedUrlQuery): ApiAnswer | null {
  if (within === 'Conferences.json') return listConferences(shop, query)
  const [, sid = '', participants] =
    /^Conferences\/(CF[0-9a-fA-F]{32})(\/Participants)?\.json$/.exec(within) ?? []
  const conference = shop.conferences.bySid(sid)
  if (conference === undefined) return null
  if (participants !== undefined) return listParticipants(shop, conference, query)
  return resourceAnswer(200, conferenceResource(conference, shop.accountSid))
}

function listConferences(shop: Workshop, query: ParsedUrlQuery): ApiAnswer {
  const visibleUntil = shop.clock.now().getTime() - shop.faults.get().listLagSeconds * 1000
  const page = pageOf(findConferences(shop, query, visibleUntil), readPageRequest(query), {
    name: 'conferences',
    path: `${accountPath(shop.accountSid)}/Conferences.json`,
    query,
    sidOf: (one) => one.sid,
    show: (one) => conferenceResource(one, shop.accountSid),
  })
  return resourceAnswer(200, page)
}

/** Newest first. */
function* findConferences(
  shop: Workshop,
  query: ParsedUrlQuery,
  visibleUntil: number,
): Generator<Conference> {
  const name = text(query, 'FriendlyName')
  const status = text(query, 'Status')
  const created = timeFilter(query, 'DateCreated')
  const updated = timeFilter(query, 'DateUpdated')
  for (const one of shop.conferences.conferences.toReversed()) {
    if (one.createdAt > visibleUntil) continue
    if (name !== null && one.name !== name) continue
    if (status !== null && one.status !== status) continue
    if (created(one.createdAt) && updated(one.updatedAt)) yield one
  }
}

/** Nobody is ever muted, on hold or coaching here. */
function listParticipants(shop: Workshop, conference: Conference, query: ParsedUrlQuery): ApiAnswer {
  const none = [text(query, 'Muted'), text(query, 'Hold'), text(query, 'Coaching')].includes('true')
  const present = none ? [] : [...conference.participants.values()].toReversed()
  const page = pageOf(present, readPageRequest(query), {
    name: 'participants',
    path: `${accountPath(shop.accountSid)}/Conferences/${conference.sid}/Participants.json`,
    query,
    sidOf: ({ call }) => call.sid,
    show: (one) => participantResource(one, conference, shop.accountSid),
  })
  return resourceAnswer(200, page)
}

function conferenceResource(conference: Conference, accountSid: string): Record<string, unknown> {
  const uri = `${accountPath(accountSid)}/Conferences/${conference.sid}`
  const ended = conference.status === 'completed'
  return {
    account_sid: accountSid,
    date_created: rfc2822(new Date(conference.createdAt)),
    date_updated: rfc2822(new Date(conference.updatedAt)),
    api_version: '2010-04-01',
    friendly_name: conference.name,
    region: 'us1',
    sid: conference.sid,
    status: conference.status,
    uri: `${uri}.json`,
    subresource_uris: { participants: `${uri}/Participants.json`, recordings: `${uri}/Recordings.json` },
    reason_conference_ended: ended ? reasonEnded({ endOnExit: conference.endedByExit }) : null,
    call_sid_ending_conference: ended ? conference.endedBy : null,
  }
}

function participantResource(
  { call, label, startOnEnter, endOnExit, joinedAt }: Participant,
  conference: Conference,
  accountSid: string,
): Record<string, unknown> {
  const since = rfc2822(new Date(joinedAt))
  return {
    account_sid: accountSid,
    call_sid: call.sid,
    label,
    call_sid_to_coach: null,
    coaching: false,
    conference_sid: conference.sid,
    date_created: since,
    date_updated: since,
    end_conference_on_exit: endOnExit,
    muted: false,
    hold: false,
    start_conference_on_enter: startOnEnter,
    status: 'connected',
    queue_time: null,
    uri: `${accountPath(accountSid)}/Conferences/${conference.sid}/Participants/${call.sid}.json`,
  }
}

function accountPath(accountSid: string): string {
  return `/2010-04-01/Accounts/${accountSid}`
}
