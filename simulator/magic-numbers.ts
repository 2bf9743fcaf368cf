import type { CallPlan } from './call-plan.ts'
import { PLAIN_PLAN, SIP_BUSY, SIP_NO_ANSWER } from './call-plan.ts'
import {
  ERROR_FILTERED,
  ERROR_LANDLINE,
  ERROR_UNREACHABLE,
  PLAIN_TEXT_PLAN,
  type TextPlan,
} from './text-plan.ts'
import type { CallbackFaultName, RequestFaultName } from './faults.ts'

/** What a magic number decides about the calls and texts made to it. What is absent is left to profile and switches. */
export interface MagicNumber {
  /** One sentence for people. */
  about: string
  /** The called person's behaviour at the nth call to this number. */
  plan?: (attempt: number) => CallPlan
  /** What becomes of each text to this number. */
  text?: TextPlan
  /** The request is refused with this error and nobody is dialed. */
  refusal?: { statusCode: number; code: number; message: string }
  requestFault?: RequestFaultName
  callbackFault?: CallbackFaultName
}

const MAGIC_PREFIX = '+120255501'

const answered = (changes: Partial<CallPlan> = {}): CallPlan => ({ ...PLAIN_PLAN, ...changes })
const notAnswered = (): CallPlan => answered({ outcome: 'no-answer', sipResponseCode: SIP_NO_ANSWER })
const notDelivered = (errorCode: number): TextPlan => ({
  ...PLAIN_TEXT_PLAN,
  outcome: 'undelivered',
  errorCode,
})
const busy = (): CallPlan => answered({ outcome: 'busy', sipResponseCode: SIP_BUSY })

/** The magic numbers, by the last two digits of +1 202 555 01NN. 99 is left to the profile. */
export const MAGIC_NUMBERS: Readonly<Record<string, MagicNumber>> = {
  '00': { about: 'Answers and hears everything.', plan: () => answered() },
  '01': { about: 'Hangs up after three seconds.', plan: () => answered({ hangsUpAfterSeconds: 3 }) },
  '02': { about: 'Does not answer.', plan: notAnswered },
  '03': { about: 'Is busy.', plan: busy },
  '04': {
    about: 'Is not a valid number: the request is refused.',
    refusal: { statusCode: 400, code: 21211, message: 'The phone number you are calling is not valid.' },
  },
  '05': {
    about: 'Is on a list this account may not call: the request is refused.',
    refusal: { statusCode: 400, code: 21216, message: 'This account may not call this number.' },
  },
  '06': {
    about: 'Is for do-not-call tests: whoever calls it all the same is answered, and the ledger shows it.',
    plan: () => answered(),
  },
  '07': {
    about: 'The line drops half-way through the message.',
    plan: () => answered({ hearsFraction: 0.5 }),
  },
  '08': { about: 'A voicemail answers.', plan: () => answered({ answeredBy: 'machine' }) },
  '09': { about: 'Rings for 55 seconds, then answers.', plan: () => answered({ ringSeconds: 55 }) },
  '10': {
    about: 'Answers at the second attempt.',
    plan: (attempt) => (attempt < 2 ? notAnswered() : answered()),
  },
  '11': {
    about: 'Does not answer, is busy, answers at the third attempt.',
    plan: (attempt) => (attempt < 2 ? notAnswered() : attempt < 3 ? busy() : answered()),
  },
  '12': { about: 'Presses 1.', plan: () => answered({ presses: '1' }) },
  '13': { about: 'Presses 9.', plan: () => answered({ presses: '9' }) },
  '14': { about: 'Stays on the line for five minutes.', plan: () => answered({ staysSeconds: 300 }) },
  '20': {
    about: 'HTTP 500 after the call was placed.',
    plan: () => answered(),
    requestFault: '500-with-acceptance',
  },
  '21': { about: 'HTTP 429 once before each call.', plan: () => answered(), requestFault: '429' },
  '22': {
    about: 'Placed, but the request is never answered.',
    plan: () => answered(),
    requestFault: 'accept-then-silent',
  },
  '23': { about: 'Every callback twice.', plan: () => answered(), callbackFault: 'callbacks-doubled' },
  '24': { about: 'Callbacks out of order.', plan: () => answered(), callbackFault: 'callbacks-shuffled' },
  '25': { about: 'No callback at all.', plan: () => answered(), callbackFault: 'callbacks-lost' },
  '26': {
    about: 'The account has no money left: the request is refused.',
    refusal: { statusCode: 403, code: 20005, message: 'Account not active: the balance is used up.' },
  },
  '28': {
    about: 'Before every callback a forged one with a wrong signature.',
    plan: () => answered(),
    callbackFault: 'callbacks-forged',
  },
  '30': { about: 'Texts arrive.', text: PLAIN_TEXT_PLAN },
  '31': { about: 'Texts do not arrive.', text: notDelivered(ERROR_UNREACHABLE) },
  '32': { about: 'Texts are filtered by the network.', text: notDelivered(ERROR_FILTERED) },
  '33': { about: 'Is a landline, which no text reaches.', text: notDelivered(ERROR_LANDLINE) },
  '34': { about: 'Texts arrive a minute late.', text: { ...PLAIN_TEXT_PLAN, deliverSeconds: 60 } },
}

/** The magic that a number carries, or null when it is an ordinary one. */
export function magicNumber(to: string): MagicNumber | null {
  if (to.length !== MAGIC_PREFIX.length + 2 || !to.startsWith(MAGIC_PREFIX)) return null
  return MAGIC_NUMBERS[to.slice(MAGIC_PREFIX.length)] ?? null
}
