/** The secrets of endpoints and the signatures made with them, by the Standard Webhooks specification. */
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

export type EndpointSecrets = {
  /** `whsec_…`. Derived, so that it stands in no table. */
  secretOf(endpointId: string, generation: number): string
}

export function createEndpointSecrets(key: Buffer): EndpointSecrets {
  return {
    secretOf: (endpointId, generation) =>
      `whsec_${createHmac('sha256', key).update(`${endpointId} ${generation}`).digest('base64')}`,
  }
}

/** The three headers of a message; one signature for each secret that is valid at the moment. */
export function signedHeaders(
  message: { id: string; body: string; at: Date },
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(message.id, message.at, message.body))
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(message.at.getTime() / 1_000)),
    'webhook-signature': signatures.join(' '),
  }
}
