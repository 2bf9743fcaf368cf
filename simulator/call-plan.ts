/**
 * What the person (or machine) at the other end is going to do, decided before the phone rings.
 * Seconds are the seconds of the real world; the speed factor is applied only where timers are set.
 */
export interface CallPlan {
  outcome: 'answered' | 'no-answer' | 'busy' | 'failed'
  /** From leaving the queue until the network answers with ringing, busy or an error. */
  dialSeconds: number
  /** How long it rings before it is answered. It is given up earlier when the ring timeout is shorter. */
  ringSeconds: number
  answeredBy: 'human' | 'machine'
  /** Of a machine: how long it greets before the beep. */
  beepSeconds: number
  /** The person hangs up this long after answering; null: stays to the end. */
  hangsUpAfterSeconds: number | null
  /** The person hangs up when this part (0 to 1) of the first message was heard; null: hears it all. */
  hearsFraction: number | null
  /** The line stays open at least this long, although the instructions end earlier. */
  staysSeconds: number
  /** Keys pressed at each Gather; empty: none. */
  presses: string
  sipResponseCode: number
  errorCode: number | null
}

/** Somebody answers after five seconds and hears everything. The plans of the magic numbers vary this one. */
export const PLAIN_PLAN: Readonly<CallPlan> = {
  outcome: 'answered',
  dialSeconds: 1,
  ringSeconds: 5,
  answeredBy: 'human',
  beepSeconds: 8,
  hangsUpAfterSeconds: null,
  hearsFraction: null,
  staysSeconds: 0,
  presses: '',
  sipResponseCode: 200,
  errorCode: null,
}

/** SIP answers as they reach the status callback. */
export const SIP_BUSY = 486
export const SIP_NO_ANSWER = 487
export const SIP_NOT_FOUND = 404

/** The carrier's error number for a call that could not be connected to that number. */
export const ERROR_NOT_CONNECTED = 13224
