/** Payment: the port to whoever moves the money. */

export type PaymentSetup = { id: string; clientSecret: string; customer: string | null }

export type PaymentProof = { proven: true; paymentMethod: string } | { proven: false; reason: string }

/** `later`: nothing was charged this time and the same charge may be asked for again. */
export type ChargeOutcome =
  { charged: true; id: string } | { charged: false; when: 'later' | 'never'; reason: string }

export type Charge = {
  /** In the smallest unit of the currency. */
  amount: number
  currency: string
  customer: string | null
  paymentMethod: string
  description: string
  /** The same key charges once, however often it is asked for. */
  idempotencyKey: string
}

export type Payments = {
  name: string
  /** Begins to prove a means of payment of this person. Rejects with PaymentsAway. */
  setUp(person: { userId: string; email: string; customer: string | null }): Promise<PaymentSetup>
  /** Whether the person finished what setUp began. Rejects with PaymentsAway. */
  prove(setupId: string): Promise<PaymentProof>
  /** Never rejects. */
  charge(charge: Charge): Promise<ChargeOutcome>
}

/** The provider could not be asked or gave no usable answer; the question may be repeated. */
export class PaymentsAway extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`The payment provider gave no usable answer: ${reason}`, { cause })
    this.name = 'PaymentsAway'
  }
}
