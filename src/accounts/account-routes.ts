import { deriveKey } from '../http/derived-key.ts'
import type { App } from '../http/app-shell.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import type { AccountDeps } from './account-deps.ts'
import { agentRoutes } from './agent-routes.ts'
import { keyRoutes } from './key-routes.ts'
import { profileRoutes } from './profile-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { settingsRoutes } from './settings-routes.ts'
import { setupRoutes } from './setup-routes.ts'
import type { Tokens } from './tokens.ts'
import { userRoutes } from './user-routes.ts'

/** People, their sessions and keys, and the settings of their workspace. */
export async function accountRoutes(
  app: App,
  deps: {
    config: Pick<Config, 'secretKey' | 'publicUrl' | 'timeZone' | 'defaultRegion'>
    sql: Sql
    clock: Clock
    tokens: Tokens
  },
): Promise<void> {
  const { config, sql, clock, tokens } = deps
  const { publicUrl, timeZone, defaultRegion } = config
  const keySecret = deriveKey(config.secretKey, 'api keys')
  const accounts: AccountDeps = { sql, clock, publicUrl, defaults: { timeZone, defaultRegion }, keySecret }
  await sessionRoutes(app, { sql, clock, tokens, publicUrl })
  await profileRoutes(app, accounts)
  await userRoutes(app, accounts)
  await settingsRoutes(app, accounts)
  await agentRoutes(app, accounts)
  await keyRoutes(app, accounts)
  await setupRoutes(app, accounts)
}
