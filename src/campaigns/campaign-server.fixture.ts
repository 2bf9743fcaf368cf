/** A server of the campaign routes on a database of its own, for tests. */
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll } from 'vitest'
import { ensureCarrierAccount } from '../../test/calls.ts'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { createUser } from '../accounts/user-store.ts'
import type { Settings } from '../accounts/settings.ts'
import { createWorkspace } from '../accounts/workspace-store.ts'
import { createClock, type ProductClock } from '../db/product-clock.ts'
import { transaction, type Sql } from '../db/sql.ts'
import { createShell, type App } from '../http/app-shell.ts'
import { authenticateRoutes } from '../http/authenticate.ts'
import { rememberFingerprintKey } from '../http/idempotency.ts'
import type { Principal, Role } from '../http/principal.ts'
import { JobLoop } from '../jobs/job-loop.ts'
import { jobRoutes } from '../jobs/job-routes.ts'
import { silentLog } from '../log.ts'
import { doNotCallRoutes } from '../numbers/do-not-call-routes.ts'
import type { CallerIds } from '../carriers/caller-ids.ts'
import type { CampaignDeps } from './campaign-deps.ts'
import { campaignRoutes } from './campaign-routes.ts'
import { createRoutes } from './create-routes.ts'
import { createAudioAddresses } from '../speech/audio-address.ts'
import { createEmbeddedSpeech } from '../speech/embedded-speech.ts'
import type { Speech } from '../speech/speech.ts'
import { voiceRoutes } from '../speech/voice-routes.ts'
import { estimateRoutes } from './estimate-routes.ts'
import { fileRoutes } from './file-routes.ts'
import { bulkCallRoutes } from './bulk-call-routes.ts'
import { bulkCallsHandler } from './bulk-calls-job.ts'
import { importHandler } from './import-job.ts'
import { numberRoutes } from './number-routes.ts'
import { previewRoutes } from './preview-routes.ts'
import { reportRoutes } from './report-routes.ts'
import { runCommandRoutes } from './run-command-routes.ts'
import { runRoutes } from './run-routes.ts'

export type CampaignServer = {
  database: TestDatabase
  sql: Sql
  clock: ProductClock
  app: App
  jobs: JobLoop
  speech: Speech
  workerId: number
  /** May be changed by a test: what the installation looks like. */
  deps: CampaignDeps
  callerIds: CallerIds
  /** A new workspace with an admin; gives the token that requests name. */
  addWorkspace(settings?: Partial<Settings>): Promise<{ workspaceId: number; token: string }>
  addUser(workspaceId: number, role: Role): Promise<string>
  /** Sends JSON as the holder of `token`. */
  send(token: string, method: InjectOptions['method'], url: string, payload?: unknown): Promise<Answer>
  sendForm(token: string, url: string, fields: readonly [string, string][]): Promise<Answer>
  sendParts(token: string, url: string, parts: readonly Part[]): Promise<Answer>
}

export type Part = { name: string; value: string | Buffer; filename?: string }
// An answer is whatever the server said; tests compare what they expect of it.
// oxlint-disable-next-line typescript/no-explicit-any
export type Answer = { status: number; body: any; headers: Record<string, unknown> }

/** Starts the server before the tests of a file and ends it after them. */
export function useCampaignServer(): CampaignServer {
  const server = {} as CampaignServer
  beforeAll(async () => Object.assign(server, await start()))
  afterAll(async () => {
    await server.jobs.stop()
    await server.speech.stop()
    await server.app.close()
    await server.clock.stop()
    await server.database.drop()
  })
  return server
}

async function start(): Promise<CampaignServer> {
  const database = await createTestDatabase()
  const { sql } = database
  const clock = createClock(sql)
  await clock.start()
  const { carrierAccountId } = await ensureCarrierAccount(sql)
  const [worker] = await sql<{ id: number }[]>`insert into workers (name) values ('test') returning id`
  const workerId = worker?.id ?? 0
  const jobs = new JobLoop({
    sql,
    clock,
    log: silentLog,
    worker: { current: () => workerId, isGone: async (id) => id !== workerId },
    handlers: {
      import: importHandler({ sql, clock, batchSize: 500 }),
      // Small steps, so that a list of some rows takes several.
      bulk_calls: bulkCallsHandler({ sql, clock, carrierAccountId, carrier: { live: false }, batchSize: 2 }),
    },
    idleMs: 50,
  })
  await jobs.start()

  // Starts its process when a test first speaks.
  const speech = createEmbeddedSpeech()
  const callerIds: CallerIds = { owned: ['+12125550100'], verified: [], chosen: '+12125550100' }
  const deps: CampaignDeps = {
    sql,
    clock,
    publicUrl: 'http://trunkline.test',
    uploadLimit: 8 * 1024 * 1024,
    audioLimit: 4 * 1024 * 1024,
    addresses: createAudioAddresses(Buffer.alloc(32, 7)),
    speech: null,
    carrierIsLive: false,
    callerIds: async () => server.callerIds,
  }
  const principals = new Map<string, Principal>()
  const app = await createShell({
    log: silentLog,
    trustedProxies: [],
    publicUrl: null,
    mayReadAnswers: async () => false,
  })
  authenticateRoutes(app, async ({ secret }) => principals.get(secret) ?? null, null)
  rememberFingerprintKey(app, Buffer.alloc(32, 1))
  await app.register(async (scope) => {
    const typed: App = scope.withTypeProvider()
    await fileRoutes(typed, deps)
    await voiceRoutes(typed, { ...deps, speech })
    await campaignRoutes(typed, deps)
    await createRoutes(typed, deps)
    await bulkCallRoutes(typed, deps)
    await runRoutes(typed, deps)
    await runCommandRoutes(typed, deps)
    await numberRoutes(typed, deps)
    await previewRoutes(typed, deps)
    await estimateRoutes(typed, deps)
    await reportRoutes(typed, deps)
    await jobRoutes(typed, deps)
    await doNotCallRoutes(typed, deps)
  })

  const addUser = async (workspaceId: number, role: Role): Promise<string> => {
    const email = `${role}${principals.size}@example.test`
    const user = await transaction(sql, (tx) =>
      createUser(tx, { workspaceId, email, passwordHash: 'x', role, firstName: 'Ann' }, clock.now()),
    )
    principals.set(user.id, {
      userId: user.id,
      workspaceId,
      role,
      agentId: null,
      keyId: null,
      sessionId: null,
      scopes: null,
      isOwner: false,
    })
    return user.id
  }
  const answerOf = async (options: InjectOptions): Promise<Answer> => {
    const answer = await app.inject(options)
    const isJson = String(answer.headers['content-type']).includes('json')
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body, headers: answer.headers }
  }

  const server: CampaignServer = {
    database,
    sql,
    clock,
    app,
    jobs,
    speech,
    workerId,
    deps,
    callerIds,
    addUser,
    addWorkspace: async (settings = {}) => {
      const workspace = await transaction(sql, (tx) =>
        createWorkspace(tx, { name: 'Workspace', settings }, clock.now()),
      )
      return { workspaceId: workspace.id, token: await addUser(workspace.id, 'admin') }
    },
    send: (token, method, url, payload) =>
      answerOf({
        method: method ?? 'GET',
        url,
        headers: {
          ...asHolder(token),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
      }),
    sendForm: (token, url, fields) => {
      const headers = { ...asHolder(token), 'content-type': 'application/x-www-form-urlencoded' }
      const payload = new URLSearchParams([...fields]).toString()
      return answerOf({ method: 'POST', url, headers, payload })
    },
    sendParts: (token, url, parts) => {
      const boundary = 'boundary-of-a-test'
      const headers = { ...asHolder(token), 'content-type': `multipart/form-data; boundary=${boundary}` }
      return answerOf({ method: 'POST', url, headers, payload: multipart(parts, boundary) })
    },
  }
  return server
}

function asHolder(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

function multipart(parts: readonly Part[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ name, value, filename }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: text/csv`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]
  })
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}
