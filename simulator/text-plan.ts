/** What becomes of a text, decided before it is sent. Seconds are those of the real world. */
export interface TextPlan {
  /** `silent`: it is sent, and nobody ever hears whether it arrived. */
  outcome: 'delivered' | 'undelivered' | 'failed' | 'silent'
  /** From acceptance until it leaves the carrier. */
  sendSeconds: number
  /** From then until the delivery report. */
  deliverSeconds: number
  errorCode: number | null
}

export const PLAIN_TEXT_PLAN: Readonly<TextPlan> = {
  outcome: 'delivered',
  sendSeconds: 0.5,
  deliverSeconds: 2,
  errorCode: null,
}

/** The carrier's error numbers for texts. */
export const ERROR_UNREACHABLE = 30003
export const ERROR_LANDLINE = 30006
export const ERROR_FILTERED = 30007
