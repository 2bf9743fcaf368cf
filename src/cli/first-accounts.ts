import type { Config } from '../config.ts'
import { createSetupLink, setupLinkMinutes } from '../accounts/setup.ts'
import type { RunningServer } from '../main.ts'

/** A link for the first administrator, while there is none. Returns what to tell at the terminal. */
export async function inviteFirstAdmin(server: RunningServer, config: Config): Promise<string[]> {
  if (!server.needsSetup) return []
  const link = await createSetupLink(server.sql, config.publicUrl ?? server.url, server.clock.wall())
  return [
    `Make the first account within ${setupLinkMinutes} minutes: ${link.url}`,
    'A new link: trunkline setup-link',
  ]
}
