import { createHmac } from 'node:crypto'

/**
 * The X-Twilio-Signature of a request: HMAC-SHA1, in base64, over the address followed by every form
 * parameter's name and value in the order of the names. The address is the one that was configured, with
 * its query and without its fragment, which never leaves the carrier.
 */
export function signRequest(authToken: string, url: string, parameters: Record<string, string>): string {
  let text = url
  for (const name of Object.keys(parameters).sort()) text += name + parameters[name]
  return createHmac('sha1', authToken).update(text).digest('base64')
}
