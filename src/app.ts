import { createIdentify } from './accounts/identify.ts'
import { sessionRoutes } from './accounts/session-routes.ts'
import { createTokens } from './accounts/tokens.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Sql } from './db/sql.ts'
import { describeApi } from './http/api-description.ts'
import { createShell, type App } from './http/app-shell.ts'
import { authenticateRoutes } from './http/authenticate.ts'
import { deriveKey } from './http/derived-key.ts'
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
  const app = await createShell({
    log,
    trustedProxies: config.trustedProxies,
    publicUrl: config.publicUrl,
    mayReadAnswers: async () => false,
  })
  authenticateRoutes(app, createIdentify({ sql, clock, tokens }), config.publicUrl)
  await describeApi(app, config.publicUrl)

  await app.register(async (scope) =>
    sessionRoutes(scope.withTypeProvider(), { sql, clock, tokens, publicUrl: config.publicUrl }),
  )
  return app
}
