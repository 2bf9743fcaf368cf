import { drawBetween, type Draw } from './random.ts'

/** What can go wrong with the answer to a create request. The order is the order of the draws. */
export const REQUEST_FAULTS = [
  'down',
  'unauthorized',
  '429',
  '500-without',
  'reset-before',
  'redirect',
  '500-with-acceptance',
  'reset-after',
  'accept-then-silent',
  'garbage-201',
  'endless-answer',
  'callback-before-answer',
] as const

/** What can go wrong with a status callback. */
export const CALLBACK_FAULTS = [
  'callbacks-lost',
  'callbacks-doubled',
  'callbacks-delayed',
  'callbacks-shuffled',
  'callbacks-forged',
] as const

export type RequestFaultName = (typeof REQUEST_FAULTS)[number]
export type CallbackFaultName = (typeof CALLBACK_FAULTS)[number]
export type FaultName = RequestFaultName | CallbackFaultName

/** Least and most of something that is drawn anew each time. */
export type Range = [number, number]

/** Every switch. `percent` says how many of a hundred requests, callbacks or calls are hit. */
export interface FaultSettings {
  percent: Partial<Record<FaultName, number>>
  /** Waited before the call is accepted and written to the ledger. */
  acceptDelayMs: Range
  /** Waited after that, before the answer is sent. */
  answerDelayMs: Range
  callbackDelayMs: Range
  retryAfterSeconds: Range
  /** A new call is absent from lists for this long. */
  listLagSeconds: number
  /** Calls accepted before the account runs out of money; null: no end. */
  moneyForCalls: number | null
}

export const NO_FAULTS: Readonly<FaultSettings> = {
  percent: {},
  acceptDelayMs: [0, 0],
  answerDelayMs: [0, 0],
  callbackDelayMs: [1000, 10_000],
  retryAfterSeconds: [1, 5],
  listLagSeconds: 0,
  moneyForCalls: null,
}

/** What will happen to one create request. */
export interface RequestFate {
  fault: RequestFaultName | null
  acceptDelayMs: number
  answerDelayMs: number
  retryAfterSeconds: number
  /** Picks the variant of a fault that has several, 0 to 1. */
  variant: number
}

/** Whether a fault hits before anything was accepted: then nobody is dialed. */
export function dialsNobody(fault: RequestFaultName | null): boolean {
  switch (fault) {
    case 'down':
    case 'unauthorized':
    case '429':
    case '500-without':
    case 'reset-before':
    case 'redirect':
      return true
    default:
      return false
  }
}

/** Decides the fate of one create request. At most one fault hits; `forced` is that of a magic number. */
export function decideRequest(
  settings: FaultSettings,
  draw: Draw,
  forced: RequestFaultName | null = null,
): RequestFate {
  let fault: RequestFaultName | null = null
  let point = draw() * 100
  for (const name of REQUEST_FAULTS) {
    const percent = settings.percent[name] ?? 0
    if (point < percent) {
      fault = name
      break
    }
    point -= percent
  }
  return {
    fault: forced ?? fault,
    acceptDelayMs: Math.round(drawBetween(draw, settings.acceptDelayMs)),
    answerDelayMs: Math.round(drawBetween(draw, settings.answerDelayMs)),
    retryAfterSeconds: Math.round(drawBetween(draw, settings.retryAfterSeconds)),
    variant: draw(),
  }
}

/** What will happen to one status callback. Several faults may hit the same one. */
export interface CallbackFate {
  lost: boolean
  doubled: boolean
  forged: boolean
  /** Held back until the next callback of the same call has been sent. */
  held: boolean
  delayMs: number
}

export const PLAIN_CALLBACK: Readonly<CallbackFate> = {
  lost: false,
  doubled: false,
  forged: false,
  held: false,
  delayMs: 0,
}

/** Decides the fate of one status callback. `forced` is the fault of a magic number. */
export function decideCallback(
  settings: FaultSettings,
  draw: Draw,
  forced: CallbackFaultName | null = null,
): CallbackFate {
  const hit = (name: CallbackFaultName): boolean =>
    forced === name || draw() * 100 < (settings.percent[name] ?? 0)
  return {
    lost: hit('callbacks-lost'),
    doubled: hit('callbacks-doubled'),
    forged: hit('callbacks-forged'),
    held: hit('callbacks-shuffled'),
    delayMs: hit('callbacks-delayed') ? Math.round(drawBetween(draw, settings.callbackDelayMs)) : 0,
  }
}

/** Whether any switch concerns callbacks: when none does, no draw is made for them. */
export function callbacksAreSound(settings: FaultSettings): boolean {
  return CALLBACK_FAULTS.every((name) => !settings.percent[name])
}
