/** Obeys the instructions of an answered call, one verb after the other. */
import type { Call, Hearing, HttpMethod, LiveCall } from './call.ts'
import { conversationSeconds, hear, pressedKeys, talkEnding, type Ending } from './call-life.ts'
import { joinConference } from './conference-call.ts'
import { dialCall, letGo } from './dial.ts'
import { fetchAudioSeconds } from './audio-length.ts'
import { fetchInstructions } from './instructions.ts'
import { detectionBefore, noteDetection } from './machine-detection.ts'
import { speechSeconds } from './speech-length.ts'
import { parseTwiml, type Dial, type Gather, type Prompt, type Verb } from './twiml.ts'
import type { Workshop } from './workshop.ts'

/** What a talk asks of whoever drives the calls. */
export interface Runner {
  finish(shop: Workshop, call: Call, ending: Ending): void
  /** Begins the life of a call that another one dialed. */
  begin(shop: Workshop, call: Call): void
}

/** Everything one talk needs at hand. */
export interface Talk {
  shop: Workshop
  call: Call
  life: LiveCall
  runner: Runner
}

/** A call whose instructions send it round in circles for ever is ended after this many documents. */
const MAX_DOCUMENTS = 1000
/** A person needs this long to find the key. */
const REACTION_SECONDS = 1

/** Begins to obey the instructions of a call that was just answered, or goes on with those it has. */
export function startTalk(shop: Workshop, call: Call, runner: Runner): void {
  const life = call.live
  if (!life) return
  const talk = { shop, call, life, runner }
  const waiting = detectionBefore(call)
  if (waiting === null) return beginInstructions(talk)
  listen(talk, { event: 'listened', seconds: waiting.seconds, nextStep: 0 }, () => {
    noteDetection(shop, call, waiting.by)
    beginInstructions(talk)
  })
}

function beginInstructions(talk: Talk): void {
  const { life } = talk
  if (life.verbs.length > 0) return obey(talk)
  const { url, method, twiml } = life.request
  if (url !== null) return load(talk, { url, method })
  takeDocument(talk, twiml ?? '')
}

/** Replaces the instructions of a call in progress by a document or by what an address answers. */
export function redirectTalk(
  shop: Workshop,
  call: Call,
  to: { twiml: string } | { url: string; method: HttpMethod },
  runner: Runner,
): void {
  const life = call.live
  if (!life) return
  const talk = { shop, call, life, runner }
  interruptTalk(shop, call)
  letGo(talk)
  if ('url' in to) return load(talk, to)
  life.step = 0
  life.documentUrl = null
  shop.ledger.append({ event: 'instructed', sid: call.sid, url: null, document: to.twiml })
  takeDocument(talk, to.twiml)
}

/** Two people talk: nothing is said by us. It ends when the called one has had enough. */
export function converse(shop: Workshop, call: Call, runner: Runner): void {
  const life = call.live
  if (!life) return
  const seconds = Math.max(0, conversationSeconds(life.plan) - life.talkedSeconds)
  listen({ shop, call, life, runner }, { event: 'conversed', seconds, nextStep: 0 }, () => {
    runner.finish(shop, call, talkEnding('hang-up'))
  })
}

/** Stops what is being heard and writes down how much of it was. */
export function interruptTalk(shop: Workshop, call: Call): void {
  const life = call.live
  if (!life) return
  life.cancelTimer()
  life.turn += 1
  if (!life.hearing) return
  const elapsed = ((shop.clock.now().getTime() - life.hearing.startedAt) * shop.speed) / 1000
  settle(shop, call, life.hearing, Math.min(elapsed, life.hearing.seconds))
}

function obey(talk: Talk): void {
  const verb = talk.life.verbs[talk.life.step]
  if (!verb) return endTalk(talk)
  switch (verb.verb) {
    case 'Say':
    case 'Play':
    case 'Pause':
      return perform(talk, verb, talk.life.step + 1, () => {
        obey(talk)
      })
    case 'Gather':
      return gather(talk, verb, 0)
    case 'Redirect':
      return follow(talk, verb.url, verb.method)
    case 'Dial':
      return dial(talk, verb)
    case 'Hangup':
    case 'Reject':
      return endTalk(talk)
    case 'Unknown':
      return skip(talk, verb.name)
  }
}

function perform(talk: Talk, prompt: Prompt, nextStep: number, then: () => void): void {
  switch (prompt.verb) {
    case 'Pause':
      return listen(talk, { event: 'paused', seconds: prompt.seconds, nextStep }, then)
    case 'Say': {
      const seconds = speechSeconds(prompt.text) * prompt.loop
      return listen(talk, { event: 'said', text: prompt.text, seconds, nextStep }, then)
    }
    case 'Play':
      return play(talk, { url: prompt.url, loop: prompt.loop, nextStep }, then)
  }
}

function play(talk: Talk, audio: { url: string; loop: number; nextStep: number }, then: () => void): void {
  const { shop, call, life } = talk
  const url = absolute(audio.url, life.documentUrl)
  const turn = life.turn
  fetchAudioSeconds(shop, url, (found) => {
    if (life.turn !== turn) return
    if (found.ok) {
      const seconds = found.seconds * audio.loop
      return listen(talk, { event: 'played', url: url ?? audio.url, seconds, nextStep: audio.nextStep }, then)
    }
    // The real carrier plays nothing and goes on with the next verb.
    shop.ledger.append({
      event: 'instructions-failed',
      sid: call.sid,
      url: audio.url,
      code: 11200,
      reason: found.reason,
    })
    life.step = audio.nextStep
    then()
  })
}

function listen(talk: Talk, what: Omit<Hearing, 'startedAt'>, then: () => void): void {
  const { shop, call, life, runner } = talk
  const fraction = life.plan.hearsFraction
  const audible = what.event === 'said' || what.event === 'played'
  if (audible && fraction !== null && life.hangUpAtSeconds === Infinity) {
    life.hangUpAtSeconds = life.talkedSeconds + fraction * what.seconds
  }
  const heard = hear(what.seconds, life)
  life.hearing = { ...what, startedAt: shop.clock.now().getTime() }
  life.cancelTimer = shop.timers.after((heard.seconds * 1000) / shop.speed, () => {
    if (!life.hearing) return
    settle(shop, call, life.hearing, heard.seconds)
    if (heard.cutBy) runner.finish(shop, call, talkEnding(heard.cutBy))
    else then()
  })
}

export function settle(shop: Workshop, call: Call, hearing: Hearing, seconds: number): void {
  const life = call.live
  if (!life) return
  const rounded = Math.round(seconds * 1000) / 1000
  life.hearing = null
  life.talkedSeconds = Math.round((life.talkedSeconds + rounded) * 1000) / 1000
  life.step = hearing.nextStep
  shop.ledger.append({
    event: hearing.event,
    sid: call.sid,
    ...(hearing.text === undefined ? {} : { text: hearing.text }),
    ...(hearing.url === undefined ? {} : { url: hearing.url }),
    seconds: rounded,
    complete: seconds >= hearing.seconds,
    step: life.step,
    talkedSeconds: life.talkedSeconds,
  })
}

function gather(talk: Talk, verb: Gather, promptIndex: number): void {
  const { shop, call, life } = talk
  const prompt = verb.prompts[promptIndex]
  if (prompt) {
    return perform(talk, prompt, life.step, () => {
      gather(talk, verb, promptIndex + 1)
    })
  }
  const keys = pressedKeys(life.plan.presses, verb.numDigits, verb.finishOnKey)
  if (keys === '' && !verb.actionOnEmptyResult) {
    const waited = { event: 'gathered', seconds: verb.timeoutSeconds, nextStep: life.step + 1 } as const
    return listen(talk, waited, () => {
      obey(talk)
    })
  }
  const complete = keys.length === verb.numDigits || life.plan.presses.includes(verb.finishOnKey)
  const seconds = keys === '' ? verb.timeoutSeconds : REACTION_SECONDS + (complete ? 0 : verb.timeoutSeconds)
  listen(talk, { event: 'gathered', seconds, nextStep: life.step }, () => {
    if (keys !== '') shop.ledger.append({ event: 'pressed', sid: call.sid, digits: keys })
    follow(talk, verb.action, verb.method, { Digits: keys })
  })
}

/** Goes on with the document at an address. An empty one means the document that is being obeyed. */
function follow(talk: Talk, address: string, method: HttpMethod, extra: Record<string, string> = {}): void {
  const { life } = talk
  const url = address === '' ? life.documentUrl : absolute(address, life.documentUrl)
  if (url === null) return giveUp(talk, address, 11100, 'the address is not absolute')
  load(talk, { url, method, extra })
}

function load(talk: Talk, source: { url: string; method: HttpMethod; extra?: Record<string, string> }): void {
  const { shop, call, life } = talk
  life.documentsFetched += 1
  if (life.documentsFetched > MAX_DOCUMENTS) return giveUp(talk, source.url, 11100, 'too many documents')
  const turn = life.turn
  fetchInstructions(shop, call, source, (fetched) => {
    if (life.turn !== turn) return
    if (!fetched.ok) return giveUp(talk, fetched.url, fetched.code, fetched.reason)
    const { url, document } = fetched
    shop.ledger.append({ event: 'instructed', sid: call.sid, url, document })
    life.documentUrl = url
    life.step = 0
    useVerbs(talk, fetched.verbs)
  })
}

function takeDocument(talk: Talk, document: string): void {
  const parsed = parseTwiml(document)
  if (!parsed.ok) return giveUp(talk, null, 12100, parsed.reason)
  useVerbs(talk, parsed.verbs)
}

function useVerbs(talk: Talk, verbs: readonly Verb[]): void {
  talk.life.verbs = verbs
  obey(talk)
}

/** Rings another number, or joins a conference. This talk goes on when that is over, whoever ended it. */
function dial(talk: Talk, verb: Dial): void {
  const goOn = (said: Record<string, string>): void => {
    if (verb.action !== '') return follow(talk, verb.action, verb.method, said)
    obey(talk)
  }
  if (verb.conference === null) return dialCall(talk, verb, goOn)
  const { timeLimitSeconds } = verb
  joinConference(talk, verb.conference, {
    timeLimitSeconds,
    over: () => goOn({ DialCallStatus: 'answered' }),
  })
}

function skip(talk: Talk, verb: string): void {
  const { shop, call, life } = talk
  life.step += 1
  shop.ledger.append({ event: 'skipped', sid: call.sid, verb, step: life.step })
  obey(talk)
}

function endTalk(talk: Talk): void {
  const { shop, call, life, runner } = talk
  const rest = life.plan.staysSeconds - life.talkedSeconds
  if (rest <= 0) return runner.finish(shop, call, talkEnding('end'))
  listen(talk, { event: 'paused', seconds: rest, nextStep: life.step }, () => {
    runner.finish(shop, call, talkEnding('end'))
  })
}

/** The real carrier says that an application error has occurred, and hangs up: the call counts as completed. */
function giveUp(talk: Talk, url: string | null, code: number, reason: string): void {
  const { shop, call, runner } = talk
  shop.ledger.append({ event: 'instructions-failed', sid: call.sid, url, code, reason })
  runner.finish(shop, call, {
    ...talkEnding('end'),
    reason: `no usable instructions: ${reason}`,
    errorCode: code,
  })
}

function absolute(address: string, base: string | null): string | null {
  const url = URL.parse(address, base ?? undefined)
  return url === null || !url.protocol.startsWith('http') ? null : url.href
}
