/** A server of the call routes on a database of its own, for tests. The token names who asks. */
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { ensureCarrierAccount } from '../../test/calls.ts'
import { createWorkspace } from '../accounts/workspace-store.ts'
import type { Settings } from '../accounts/settings.ts'
import { createClock, type ProductClock } from '../db/product-clock.ts'
import { connect, transaction, type Sql } from '../db/sql.ts'
import { createShell, type App } from '../http/app-shell.ts'
import { authenticateRoutes } from '../http/authenticate.ts'
import { rememberFingerprintKey } from '../http/idempotency.ts'
import { createCursors } from '../http/paging.ts'
import type { Principal, Role } from '../http/principal.ts'
import { silentLog } from '../log.ts'
import { uuidV7 } from '../random.ts'
import { boardRoutes } from './board-routes.ts'
import type { CallDeps } from './call-deps.ts'
import { callRoutes } from './call-routes.ts'
import { createTwilioCarrier } from '../carriers/twilio-carrier.ts'
import { simulatedAccountSid, simulatedAuthToken } from '../config.ts'
import { queueAgain } from './follow-up.ts'
import { modeRoutes } from './mode-routes.ts'
import { newCallRoutes } from './new-call-routes.ts'
import { createReportWriter, type ReportWriter } from './report-writer.ts'

// An answer is whatever the server said; tests compare what they expect of it.
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = { status: number; body: any; headers: Record<string, unknown> }

export type CallsServer = {
  database: TestDatabase
  sql: Sql
  /** What whole boards are streamed from: one connection, so that a leak of it shows at once. */
  boardSql: Sql
  clock: ProductClock
  app: App
  origin: string
  writer: ReportWriter
  /** May be changed by a test: what the installation looks like. */
  deps: CallDeps
  workspaceId: number
  otherWorkspaceId: number
  addWorkspace(settings?: Partial<Settings>): Promise<number>
  addAgent(workspaceId: number, name: string): Promise<string>
  token(workspaceId: number, role: Role, agentId?: string): string
  send(token: string, method: InjectOptions['method'], url: string, more?: InjectOptions): Promise<Answer>
  get(token: string, url: string): Promise<Answer>
}

/** Starts the server before the tests of a file and ends it after them. */
export function useCallsServer(): CallsServer {
  const server = {} as CallsServer
  beforeAll(async () => Object.assign(server, await start()))
  afterAll(async () => {
    await server.app.close()
    await server.writer.stop()
    await server.clock.stop()
    await server.boardSql.end({ timeout: 1 })
    await server.database.drop()
  })
  return server
}

async function start(): Promise<CallsServer> {
  const database = await createTestDatabase()
  const { sql } = database
  const boardSql = connect(database.url, { max: 1, applicationName: 'board' })
  const clock = createClock(sql)
  await clock.start()
  const app = await createShell({
    log: silentLog,
    trustedProxies: [],
    publicUrl: null,
    mayReadAnswers: async () => false,
  })
  authenticateRoutes(app, async ({ secret }) => principalOf(secret), null)
  rememberFingerprintKey(app, Buffer.alloc(32, 1))
  const { carrierAccountId } = await ensureCarrierAccount(sql)
  const writer = createReportWriter({ sql, log: silentLog, carrierAccountId, followers: [queueAgain] })
  const nobody = createTwilioCarrier({
    accountSid: simulatedAccountSid,
    authToken: simulatedAuthToken,
    apiUrl: 'http://127.0.0.1:9',
    live: false,
    placeConnections: 1,
  })
  const deps: CallDeps = {
    sql,
    clock,
    cursors: createCursors(Buffer.alloc(32, 2)),
    publicUrl: null,
    writer,
    carrierAccountId,
    carrierIsLive: false,
    carrierName: 'simulated',
    recordings: nobody,
    audioLimit: 1024 * 1024,
    callerIds: async () => ({
      owned: ['+18005550100'],
      verified: ['+9779841000000'],
      chosen: '+18005550100',
    }),
  }
  await callRoutes(app, deps)
  await newCallRoutes(app, deps)
  await modeRoutes(app, deps)
  await boardRoutes(app, { sql: boardSql, clock, cursors: deps.cursors, publicUrl: null })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })

  const addWorkspace = async (settings: Partial<Settings> = {}) => {
    const workspace = await transaction(sql, (tx) =>
      createWorkspace(tx, { name: 'Test', settings }, clock.now()),
    )
    return workspace.id
  }
  const send: CallsServer['send'] = async (token, method, url, more = {}) => {
    const headers = { ...more.headers, authorization: `Bearer ${token}` }
    const reply = await app.inject({ ...more, method: method ?? 'GET', url, headers })
    return { status: reply.statusCode, body: reply.json(), headers: reply.headers }
  }
  return {
    database,
    sql,
    boardSql,
    clock,
    app,
    origin,
    writer,
    deps,
    addWorkspace,
    send,
    workspaceId: await addWorkspace(),
    otherWorkspaceId: await addWorkspace(),
    async addAgent(workspaceId, name) {
      const id = uuidV7(clock.now().getTime())
      await sql`insert into agents (workspace_id, id, name) values (${workspaceId}, ${id}, ${name})`
      return id
    },
    token: (workspaceId, role, agentId) => `${workspaceId}.${role}.${agentId ?? ''}`,
    get: (token, url) => send(token, 'GET', url),
  }
}

function principalOf(token: string): Principal {
  const [workspaceId, role, agentId] = token.split('.')
  return {
    userId: null,
    workspaceId: Number(workspaceId),
    role: role as Role,
    agentId: agentId === '' ? null : (agentId ?? null),
    keyId: null,
    sessionId: null,
    scopes: null,
    isOwner: false,
  }
}
