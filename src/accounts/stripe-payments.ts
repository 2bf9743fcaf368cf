import { Stripe } from 'stripe'
import { PaymentsAway, type ChargeOutcome, type Payments } from './payment.ts'

const timeoutMs = 20_000

/** Stripe through its official library; `apiBaseUrl` names another address than Stripe's own, for tests and proxies. */
export function createStripePayments(secretKey: string, apiBaseUrl: string | null): Payments {
  const stripe = new Stripe(secretKey, {
    timeout: timeoutMs,
    telemetry: false,
    maxNetworkRetries: 1,
    ...(apiBaseUrl === null ? {} : hostOf(new URL(apiBaseUrl))),
  })
  return {
    name: 'stripe',
    async setUp({ userId, email, customer }) {
      const asked = async () => {
        const owner =
          customer ??
          (
            await stripe.customers.create(
              { email, metadata: { user: userId } },
              { idempotencyKey: `customer-${userId}-${email}` },
            )
          ).id
        const intent = await stripe.setupIntents.create({
          customer: owner,
          usage: 'off_session',
          metadata: { user: userId },
        })
        if (intent.client_secret === null) throw new Error('a setup intent without a client secret')
        return { id: intent.id, clientSecret: intent.client_secret, customer: owner }
      }
      return asked().catch(away)
    },
    async prove(setupId) {
      const intent = await stripe.setupIntents.retrieve(setupId).catch(away)
      const method = intent.payment_method
      if (intent.status !== 'succeeded' || method === null) return { proven: false, reason: intent.status }
      return { proven: true, paymentMethod: typeof method === 'string' ? method : method.id }
    },
    async charge({ amount, currency, customer, paymentMethod, description, idempotencyKey }) {
      try {
        const intent = await stripe.paymentIntents.create(
          {
            amount,
            currency,
            description,
            payment_method: paymentMethod,
            confirm: true,
            off_session: true,
            ...(customer === null ? {} : { customer }),
          },
          { idempotencyKey },
        )
        return intent.status === 'succeeded'
          ? { charged: true, id: intent.id }
          : { charged: false, when: 'never', reason: intent.status }
      } catch (error) {
        return chargeFailure(error)
      }
    },
  }
}

/** A card that was declined stays declined; everything else may go better another time. */
function chargeFailure(error: unknown): ChargeOutcome {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300)
  const isFinal =
    error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError
  return { charged: false, when: isFinal ? 'never' : 'later', reason }
}

function away(error: unknown): never {
  throw new PaymentsAway(error instanceof Error ? error.message : String(error), error)
}

function hostOf(url: URL): { host: string; port: string; protocol: 'http' | 'https' } {
  const protocol = url.protocol === 'http:' ? 'http' : 'https'
  return { host: url.hostname, port: url.port || (protocol === 'http' ? '80' : '443'), protocol }
}
