import type { Config } from '../config.ts'
import { createSetupLink, setupLinkMinutes } from '../accounts/setup.ts'
import { deriveKey } from '../http/derived-key.ts'
import { createDialerKeys } from '../leads/dialer-key.ts'
import type { RunningServer } from '../main.ts'

/** A link for the first administrator, while there is none. Returns what to tell at the terminal. */
export async function inviteFirstAdmin(server: RunningServer, config: Config): Promise<string[]> {
  if (!server.needsSetup) return []
  const link = await createSetupLink(server.sql, config.publicUrl ?? server.url, server.clock.wall())
  return [
    `Make the first account within ${setupLinkMinutes} minutes: ${link.url}`,
    'A new link: npx trunkline setup-link',
  ]
}

/** The first key of a dialer, while nobody has used or made one. Returns what to tell at the terminal. */
export async function showDialerKey(server: RunningServer, config: Config): Promise<string[]> {
  const secret = deriveKey(config.secretKey, 'dialer keys')
  const keys = createDialerKeys({ sql: server.sql, secret, configured: config.dialerApiKey })
  const shown = await keys.ensureFirst(server.clock.now())
  return shown === null ? [] : [`Key for a dialer, shown this once: ${shown}`]
}
