/**
 * The public page of one request, for one party: plain HTML that works without scripts. Pure: what it shows follows from
 * its argument. Every time stands in both zones.
 */
import {
  givenTimes,
  latestProposal,
  otherSide,
  type CallRequest,
  type Proposal,
  type Side,
} from './call-request.ts'
import { clockWords, clocksChange, dayDifference, dayWords, placeWords } from './local-time.ts'
import type { Person } from './party-store.ts'
import { earliestTime } from './proposed-time.ts'
import { nameOf } from './request-letters.ts'

export type BookingView = {
  request: CallRequest
  side: Side
  me: Person
  other: Person
  /** The zone in which the reader reads and writes. */
  zone: string
  now: Date
  /** The address of this page, without its zone. */
  path: string
  notice: string | null
  problem: string | null
}

export function bookingPage(view: BookingView): string {
  const { request, other } = view
  const open = request.status === 'o' || request.status === 'a'
  const parts = [
    `<p class="brand">Trunkline</p><h1>Call with ${escape(nameOf(other))}</h1>`,
    `<p>${escape(request.message)}</p>`,
    `<p class="muted">${request.estimatedLength} minutes. ${escape(statusWords(view))}</p>`,
    banner('problem', view.problem),
    banner('notice', view.notice),
    clocks(view),
    agreed(view),
    open ? choices(view) : '',
    open ? proposing(view) : '',
    open ? ending(view) : '',
    history(view),
    zoneForm(view),
  ]
  return document(`Call with ${nameOf(other)}`, parts.join('\n'))
}

/** What somebody with a link that leads nowhere sees. */
export function deadLinkPage(sentence: string): string {
  return document(
    'Link',
    `<p class="brand">Trunkline</p><h1>This link does not work</h1><p>${escape(sentence)}</p>`,
  )
}

function document(title: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">' +
    `<title>${escape(title)}</title><link rel="stylesheet" href="/b/style.css"></head><body><main>${body}</main></body></html>`
  )
}

function statusWords({ request, side, other, now }: BookingView): string {
  const name = other.firstName || nameOf(other)
  switch (request.status) {
    case 'o':
      return side === 'hero' ? `${name} asks you for a call.` : `Waiting for ${name} to answer.`
    case 'd':
      return `Declined: ${request.reason}`
    case 'c':
      return `Cancelled: ${request.cancelReason ?? ''}`
    case 's':
      return 'You talked.'
    case 'a':
      return acceptedWords({ request, side, name, now })
  }
}

function acceptedWords({
  request,
  side,
  name,
  now,
}: Pick<BookingView, 'request' | 'side' | 'now'> & { name: string }): string {
  if (request.outcome === 'hero_missed' || request.outcome === 'user_missed' || request.outcome === 'failed')
    return 'You were not joined. Suggest new times.'
  if (request.agreedTime !== null) return request.agreedTime > now ? 'A time is agreed.' : 'It is time.'
  const theirs = latestProposal(request, otherSide(side))
  if (theirs === null)
    return `Waiting for ${name} to choose or to suggest other times (round ${request.rounds}).`
  return `${name} suggests ${givenTimes(theirs.times).length}. Take one or suggest others (round ${request.rounds}).`
}

function banner(kind: 'notice' | 'problem', text: string | null): string {
  if (text === null) return ''
  return `<section class="${kind}" role="${kind === 'problem' ? 'alert' : 'status'}">${escape(text)}</section>`
}

function clocks({ zone, other, now }: BookingView): string {
  const clock = (name: string, place: string) =>
    `<div><small>${escape(name)}</small><b>${clockWords(now, place)}</b><small>${unbroken(placeWords(now, place))}<br>${escape(dayWords(now, place))}</small></div>`
  return `<section class="clocks" aria-label="Two clocks">${clock('You', zone)}${clock(other.firstName || 'They', other.timeZone)}</section>`
}

function agreed(view: BookingView): string {
  const { request, path, zone } = view
  if (request.agreedTime === null || request.status === 'c' || request.status === 'd') return ''
  const reminder = new Date(request.agreedTime.getTime() - 15 * 60_000)
  return (
    `<section class="agreed"><h2>Agreed</h2>${bothClocks(view, request.agreedTime)}` +
    `<p class="muted">We text you both 15 minutes before (${clockWords(reminder, zone)} your time) and ring you both then.</p>` +
    `<a class="button" href="${path}/calendar.ics">Add to calendar</a></section>`
  )
}

/** `Mon 25 Dec 2017, 11:45 your time`, and below it the other party's clock. */
function bothClocks({ zone, other, now }: BookingView, at: Date): string {
  const days = dayDifference(at, other.timeZone, zone)
  const badge = days === 0 ? '' : ` (${days > 0 ? 'next day' : 'day before'})`
  const changes = [
    [zone, 'your'],
    [other.timeZone, 'their'],
  ].flatMap(([place, whose]) =>
    place !== undefined && clocksChange(now, at, place)
      ? [`The clocks change in ${whose} place before then.`]
      : [],
  )
  const note = [...new Set(changes)].map((sentence) => `<small>${sentence}</small>`).join(' ')
  return (
    `<b>${escape(dayWords(at, zone))}, ${clockWords(at, zone)} your time</b>` +
    `<small>${clockWords(at, other.timeZone)} for ${escape(other.firstName || nameOf(other))}${badge}</small> ${note}`
  )
}

function choices(view: BookingView): string {
  const { request, side, path, now, zone } = view
  const theirs = latestProposal(request, otherSide(side))
  const stale = theirs !== null && request.agreedRound !== null && theirs.round <= request.agreedRound
  if (request.status !== 'a' || theirs === null || stale) return ''
  const slots = givenTimes(theirs.times).map((at) =>
    at <= now
      ? `<p class="muted"><s>${escape(dayWords(at, zone))}, ${clockWords(at, zone)}</s> has passed.</p>`
      : `<form method="post" action="${path}/agree">${hiddenZone(zone)}<button class="slot" name="agreed_time" value="${at.toISOString()}">${bothClocks(view, at)}<br><span class="take">Take this time</span></button></form>`,
  )
  return `<section><h2>Choose a time</h2>${slots.join('')}</section>`
}

function proposing(view: BookingView): string {
  const { request, side, path, zone, now } = view
  if (request.status === 'o' && side === 'user') return ''
  const accepts = request.status === 'o'
  const earliest = earliestTime(now)
  const least = localInput(earliest, zone)
  const field = (name: string, label: string, required: string) =>
    `<label>${label}<input type="datetime-local" name="${name}" step="900" min="${least}" ${required}></label>`
  return (
    `<details ${accepts ? 'open' : ''}><summary>${accepts ? 'Accept and suggest times' : 'Suggest other times'}</summary>` +
    `<p class="muted">In your time (${escape(placeWords(now, zone))}), on a quarter hour, from ${escape(dayWords(earliest, zone))}, ${clockWords(earliest, zone)} on.</p>` +
    `<form method="post" action="${path}/${accepts ? 'accept' : 'propose'}">${hiddenZone(zone)}` +
    field('time_one', 'First choice', 'required') +
    field('time_two', 'Second choice (optional)', '') +
    field('time_three', 'Third choice (optional)', '') +
    `<button>${accepts ? 'Accept with these times' : 'Suggest these times'}</button></form></details>`
  )
}

function ending({ request, side, path, zone }: BookingView): string {
  const reason = '<label>Reason<textarea name="reason" rows="2" maxlength="500" required></textarea></label>'
  const decline =
    request.status === 'o' && side === 'hero'
      ? `<details><summary>Decline</summary><form method="post" action="${path}/decline">${hiddenZone(zone)}${reason}<button class="danger">Decline the call</button></form></details>`
      : ''
  const force =
    '<label class="check"><input type="checkbox" name="force" value="true">Cancel even if I cancelled too often (a fee may be due)</label>'
  return `${decline}<details><summary>Cancel</summary><form method="post" action="${path}/cancel">${hiddenZone(zone)}${reason}${force}<button class="danger">Cancel the call</button></form></details>`
}

function history(view: BookingView): string {
  const { request } = view
  if (request.proposals.length === 0) return ''
  const items = request.proposals.map((proposal) => `<li>${proposalWords(view, proposal)}</li>`)
  return `<details><summary>What was suggested</summary><ol>${items.join('')}</ol></details>`
}

function proposalWords({ me, other, zone }: BookingView, proposal: Proposal): string {
  const who = proposal.userId === me.id ? 'You' : other.firstName || nameOf(other)
  const times = givenTimes(proposal.times).map((at) => `${dayWords(at, zone)}, ${clockWords(at, zone)}`)
  return `${escape(who)}: ${escape(times.join('; '))}`
}

function zoneForm({ path, zone }: BookingView): string {
  return (
    `<details><summary>Another time zone</summary><form method="get" action="${path}">` +
    `<label>Your time zone<input name="zone" value="${escape(zone)}" autocomplete="off" spellcheck="false"></label>` +
    '<button class="quiet">Show times there</button></form></details>'
  )
}

function hiddenZone(zone: string): string {
  return `<input type="hidden" name="zone" value="${escape(zone)}">`
}

/** `2027-03-14T17:45`, as inputs of local times have it. */
function localInput(at: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(at)
  return parts.replace(' ', 'T')
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A place whose offset stays on one line. */
function unbroken(place: string): string {
  return escape(place).replace('UTC-', 'UTC&#8209;')
}
