import type { Config } from '../config.ts'
import { createSetupLink, ensureFirstAdmin, setupLinkMinutes } from '../accounts/setup.ts'
import type { RunningServer } from '../main.ts'

/** Lets the first administrator in. Returns what to tell at the terminal. */
export async function prepareAccounts(server: RunningServer, config: Config): Promise<string[]> {
  const needs = await ensureFirstAdmin(server.sql, config, server.clock.now())
  if (needs === 'ready') return []
  const link = await createSetupLink(server.sql, config.publicUrl ?? server.url, server.clock.wall())
  return [
    `Make the first account within ${setupLinkMinutes} minutes: ${link.url}`,
    'A new link: trunkline setup-link',
  ]
}
