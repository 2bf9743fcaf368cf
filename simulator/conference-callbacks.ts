import { randomUUID } from 'node:crypto'
import { rfc2822 } from './callback-form.ts'
import type { CallbackForm } from './callback-form.ts'
import type { Conference, ConferenceEvent, Participant } from './conference.ts'
import { callbacksAreSound, decideCallback, PLAIN_CALLBACK, type CallbackFate } from './faults.ts'
import { seededDraw } from './random.ts'
import type { SignedRequest } from './sender.ts'
import type { Workshop } from './workshop.ts'

/** `participant`: who came or went, or by whose coming or going the conference began or ended. */
type Happening = { event: ConferenceEvent; participant: Participant }

const NAMES: Record<ConferenceEvent, string> = {
  start: 'conference-start',
  end: 'conference-end',
  join: 'participant-join',
  leave: 'participant-leave',
}
/** How long after the event that it should have come before, one that is out of order is sent. */
const OVERTAKEN_MS = 50

/** Reports what happened in a conference to the address that its first participant gave, if that event was asked for. */
export function reportConference(shop: Workshop, conference: Conference, happening: Happening): void {
  const { statusCallback, statusCallbackMethod, statusCallbackEvents } = conference.report
  if (statusCallback === null || !statusCallbackEvents.includes(happening.event)) return
  const sequence = conference.sequence
  conference.sequence += 1
  const request: SignedRequest = {
    address: statusCallback,
    method: statusCallbackMethod,
    form: conferenceForm(shop, conference, { ...happening, sequence }),
    token: randomUUID(),
    maxBytes: 0,
  }
  const fate = fateOf(shop, conference, sequence)
  const about = { conference: conference.sid, told: NAMES[happening.event], sequence }
  if (fate.lost) return void shop.ledger.append({ event: 'conference-callback-withheld', ...about })
  const deliver = (): void => {
    if (fate.forged) shop.sender.sendForged(request)
    shop.sender.send(request, (answer) => {
      if (answer.ok && answer.statusCode < 400) return
      const reason = answer.ok ? `HTTP ${answer.statusCode}` : answer.message
      shop.ledger.append({ event: 'conference-callback-failed', ...about, reason })
    })
    if (fate.doubled) shop.sender.send(request, () => undefined)
  }
  const delayMs = fate.held ? fate.delayMs + OVERTAKEN_MS : fate.delayMs
  // In the ledger first: what was told has happened.
  if (delayMs > 0) shop.timers.after(delayMs, deliver)
  else void shop.ledger.settled().then(deliver)
}

function conferenceForm(
  shop: Workshop,
  conference: Conference,
  { event, participant, sequence }: Happening & { sequence: number },
): CallbackForm {
  const form: CallbackForm = {
    AccountSid: shop.accountSid,
    ConferenceSid: conference.sid,
    FriendlyName: conference.name,
    SequenceNumber: String(sequence),
    StatusCallbackEvent: NAMES[event],
    Timestamp: rfc2822(shop.clock.now()),
  }
  if (event === 'end') {
    form['CallSidEndingConference'] = participant.call.sid
    form['ReasonConferenceEnded'] = reasonEnded(participant)
  }
  if (event !== 'join' && event !== 'leave') return form
  return {
    ...form,
    CallSid: participant.call.sid,
    Coaching: 'false',
    EndConferenceOnExit: String(participant.endOnExit),
    Hold: 'false',
    Muted: 'false',
    StartConferenceOnEnter: String(participant.startOnEnter),
    ...(participant.label === null ? {} : { ParticipantLabel: participant.label }),
  }
}

export function reasonEnded(participant: Pick<Participant, 'endOnExit'>): string {
  return participant.endOnExit ? 'participant-with-end-conference-on-exit-left' : 'last-participant-left'
}

function fateOf(shop: Workshop, conference: Conference, sequence: number): CallbackFate {
  const settings = shop.faults.get()
  if (callbacksAreSound(settings)) return PLAIN_CALLBACK
  return decideCallback(settings, seededDraw(shop.seed, conference.name, sequence, 'conference callback'))
}
