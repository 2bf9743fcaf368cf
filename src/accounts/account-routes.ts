import { deriveKey } from '../http/derived-key.ts'
import type { App } from '../http/app-shell.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import type { AccountDeps } from './account-deps.ts'
import { agentRoutes } from './agent-routes.ts'
import { heroRoutes } from './hero-routes.ts'
import { keyRoutes } from './key-routes.ts'
import { outboxRoutes } from './outbox-routes.ts'
import type { Payments } from './payment.ts'
import { profileRoutes } from './profile-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { settingsRoutes } from './settings-routes.ts'
import { setupRoutes } from './setup-routes.ts'
import type { Tokens } from './tokens.ts'
import { userRoutes } from './user-routes.ts'
import { verificationRoutes } from './verification-routes.ts'

/** People, their sessions and keys, and the settings of their workspace. */
export async function accountRoutes(
  app: App,
  deps: {
    config: Pick<Config, 'secretKey' | 'publicUrl' | 'timeZone' | 'defaultRegion'>
    sql: Sql
    clock: Clock
    tokens: Tokens
    payments: Payments
  },
): Promise<void> {
  const { config, sql, clock, tokens, payments } = deps
  const { publicUrl, timeZone, defaultRegion } = config
  const keySecret = deriveKey(config.secretKey, 'api keys')
  const codeKey = deriveKey(config.secretKey, 'email codes')
  const defaults = { timeZone, defaultRegion }
  const accounts: AccountDeps = { sql, clock, publicUrl, defaults, keySecret, codeKey, payments }
  await sessionRoutes(app, { sql, clock, tokens, publicUrl })
  await profileRoutes(app, accounts)
  await verificationRoutes(app, accounts)
  await outboxRoutes(app, accounts)
  await userRoutes(app, accounts)
  await settingsRoutes(app, accounts)
  await agentRoutes(app, accounts)
  await heroRoutes(app, accounts)
  await keyRoutes(app, accounts)
  await setupRoutes(app, accounts)
}
