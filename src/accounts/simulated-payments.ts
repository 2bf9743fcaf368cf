import { createHash } from 'node:crypto'
import { randomToken } from '../random.ts'
import type { Payments } from './payment.ts'

/**
 * A provider that moves no money: every means of payment is good. It keeps nothing; what it says follows from what it
 * is asked, so that any number of servers agree.
 */
export function createSimulatedPayments(): Payments {
  return {
    name: 'simulated',
    async setUp({ userId, customer }) {
      const id = `seti_simulated_${randomToken(12)}`
      const ownCustomer = customer ?? `cus_simulated_${digest(userId)}`
      return { id, clientSecret: `${id}_secret_${randomToken(12)}`, customer: ownCustomer }
    },
    async prove(setupId) {
      return { proven: true, paymentMethod: `pm_simulated_${digest(setupId)}` }
    },
    async charge({ idempotencyKey }) {
      return { charged: true, id: `ch_simulated_${digest(idempotencyKey)}` }
    },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
