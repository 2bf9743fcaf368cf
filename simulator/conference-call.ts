/** Takes calls to conferences, and out of them. */
import { randomUUID } from 'node:crypto'
import { isFinal, type Call } from './call.ts'
import { conversationSeconds, hear, talkEnding } from './call-life.ts'
import { isHttpUrl } from './call-request.ts'
import { reportConference } from './conference-callbacks.ts'
import type { Conference, ConferenceWish, Participant } from './conference.ts'
import { settle, type Talk } from './talk.ts'
import type { Workshop } from './workshop.ts'

/**
 * Takes a call to the conference that it asks for, or leaves it there when it is back after the carrier stopped. `over`
 * is called when the conference has ended, or the call's time in it, and the call is still there.
 */
export function joinConference(
  talk: Talk,
  wish: ConferenceWish,
  { timeLimitSeconds, over }: { timeLimitSeconds: number; over: () => void },
): void {
  const { shop, call, life } = talk
  const conference = shop.conferences.open(wish.name) ?? openConference(shop, wish)
  const known = conference.participants.get(call.sid)
  const participant = known ?? newParticipant(shop, call, wish)
  life.conference = conference
  participant.started = () => {
    pauseListening(talk)
    life.hangUpAtSeconds = Math.min(life.hangUpAtSeconds, life.talkedSeconds + conversationSeconds(life.plan))
    stay(talk, timeLimitSeconds)
  }
  participant.over = () => {
    finishListening(talk)
    over()
  }
  if (known === undefined) enter(shop, conference, participant)
  if (conference.status === 'init') stay(talk, timeLimitSeconds)
  else if (known !== undefined) participant.started()
}

/** Takes a call out of the conference it is in, whoever wanted that. */
export function leaveConference({ shop, call, life }: Pick<Talk, 'shop' | 'call' | 'life'>): void {
  const { conference } = life
  if (conference === null) return
  life.conference = null
  depart(shop, conference, call)
}

/** The same for a call that ended while the carrier was stopping. */
export function departAfterwards(shop: Workshop, conference: Conference): void {
  for (const { call } of conference.participants.values())
    if (isFinal(call.status)) depart(shop, conference, call)
}

function openConference(shop: Workshop, wish: ConferenceWish): Conference {
  const now = shop.clock.now().getTime()
  const { statusCallback, statusCallbackMethod, statusCallbackEvents } = wish
  const report = {
    statusCallback: statusCallback !== null && isHttpUrl(statusCallback) ? statusCallback : null,
    statusCallbackMethod,
    statusCallbackEvents,
  }
  const conference: Conference = {
    sid: `CF${randomUUID().replaceAll('-', '')}`,
    name: wish.name,
    report,
    status: 'init',
    createdAt: now,
    updatedAt: now,
    sequence: 1,
    participants: new Map(),
    endedBy: null,
    endedByExit: false,
  }
  shop.conferences.add(conference)
  shop.ledger.append({ event: 'conference-opened', conference: conference.sid, name: wish.name, ...report })
  return conference
}

function newParticipant(shop: Workshop, call: Call, wish: ConferenceWish): Participant {
  const { label, startOnEnter, endOnExit } = wish
  const joinedAt = shop.clock.now().getTime()
  return { call, label, startOnEnter, endOnExit, joinedAt, started: null, over: null }
}

function enter(shop: Workshop, conference: Conference, participant: Participant): void {
  const { call, label, startOnEnter, endOnExit } = participant
  conference.participants.set(call.sid, participant)
  conference.updatedAt = participant.joinedAt
  const facts = { conference: conference.sid, sid: call.sid, label, startOnEnter, endOnExit }
  shop.ledger.append({ event: 'conference-joined', ...facts })
  reportConference(shop, conference, { event: 'join', participant })
  const everyone = [...conference.participants.values()]
  if (everyone.length < 2 || !everyone.some((one) => one.startOnEnter)) return
  if (conference.status === 'in-progress') return participant.started?.()
  conference.status = 'in-progress'
  shop.ledger.append({ event: 'conference-started', conference: conference.sid })
  reportConference(shop, conference, { event: 'start', participant })
  for (const one of everyone) one.started?.()
}

function depart(shop: Workshop, conference: Conference, call: Call): void {
  const participant = conference.participants.get(call.sid)
  if (participant === undefined) return
  remove(shop, conference, participant)
  if (conference.participants.size > 0 && !participant.endOnExit) return
  const rest = [...conference.participants.values()]
  for (const one of rest) remove(shop, conference, one)
  conference.status = 'completed'
  conference.endedBy = call.sid
  conference.endedByExit = participant.endOnExit
  const { endedBy: by, endedByExit: byExit } = conference
  shop.ledger.append({ event: 'conference-ended', conference: conference.sid, by, byExit })
  reportConference(shop, conference, { event: 'end', participant })
  for (const one of rest) {
    if (one.call.live) one.call.live.conference = null
    one.over?.()
  }
}

function remove(shop: Workshop, conference: Conference, participant: Participant): void {
  conference.participants.delete(participant.call.sid)
  conference.updatedAt = shop.clock.now().getTime()
  const facts = { conference: conference.sid, sid: participant.call.sid }
  shop.ledger.append({ event: 'conference-left', ...facts })
  reportConference(shop, conference, { event: 'leave', participant })
}

/** Stays until the person hangs up, the call's time is over, or its time in the conference is. */
function stay(talk: Talk, timeLimitSeconds: number): void {
  const { shop, call, life, runner } = talk
  const heard = hear(timeLimitSeconds, life)
  life.hearing = {
    event: 'conferred',
    seconds: heard.seconds,
    startedAt: shop.clock.now().getTime(),
    // Until it is over, the next step is to be in the conference.
    nextStep: life.step,
  }
  life.cancelTimer = shop.timers.after((heard.seconds * 1000) / shop.speed, () => {
    if (!life.hearing) return
    if (heard.cutBy === null) life.hearing.nextStep += 1
    settle(shop, call, life.hearing, heard.seconds)
    if (heard.cutBy !== null) return runner.finish(shop, call, talkEnding(heard.cutBy))
    // Its own part of the conference is over, so it takes itself out before it goes on.
    const participant = life.conference?.participants.get(call.sid)
    leaveConference(talk)
    participant?.over?.()
  })
}

function pauseListening({ shop, call, life }: Talk): void {
  life.cancelTimer()
  if (life.hearing) settle(shop, call, life.hearing, elapsedSeconds(shop, life.hearing.startedAt))
}

function finishListening(talk: Talk): void {
  const { life } = talk
  if (life.hearing) life.hearing.nextStep = life.step + 1
  pauseListening(talk)
}

function elapsedSeconds(shop: Workshop, startedAt: number): number {
  return ((shop.clock.now().getTime() - startedAt) * shop.speed) / 1000
}
