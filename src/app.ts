import { accountRoutes } from './accounts/account-routes.ts'
import { createIdentify } from './accounts/identify.ts'
import { createTokens } from './accounts/tokens.ts'
import { findWorkspacesAllowing } from './accounts/workspace-store.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Sql } from './db/sql.ts'
import { describeApi } from './http/api-description.ts'
import { createShell, type App } from './http/app-shell.ts'
import { authenticateRoutes } from './http/authenticate.ts'
import { deriveKey } from './http/derived-key.ts'
import { rememberFingerprintKey } from './http/idempotency.ts'
import { rememberFor } from './http/remember.ts'
import type { Log } from './log.ts'

export type AppDeps = {
  config: Pick<Config, 'secretKey' | 'publicUrl' | 'trustedProxies' | 'timeZone' | 'defaultRegion'>
  sql: Sql
  clock: Clock
  log: Log
}

/** The whole API on one page. The application answers after `await app.ready()`, through listen or inject. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const { config, sql, clock, log } = deps
  const tokens = createTokens(deriveKey(config.secretKey, 'tokens'))
  const workspacesAllowing = rememberFor(5_000, (origin) => findWorkspacesAllowing(sql, origin))
  const app = await createShell({
    log,
    trustedProxies: config.trustedProxies,
    publicUrl: config.publicUrl,
    mayReadAnswers: async (origin, workspaceId) => {
      const allowing = await workspacesAllowing(origin)
      return workspaceId === null ? allowing.length > 0 : allowing.includes(workspaceId)
    },
  })
  authenticateRoutes(app, createIdentify({ sql, clock, tokens }), config.publicUrl)
  rememberFingerprintKey(app, deriveKey(config.secretKey, 'request fingerprints'))
  await describeApi(app, config.publicUrl)

  await accountRoutes(app, { config, sql, clock, tokens })
  return app
}
