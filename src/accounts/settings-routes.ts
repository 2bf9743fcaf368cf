import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { idempotent } from '../http/idempotency.ts'
import { principalOf } from '../http/principal.ts'
import { invalidInput, shown } from '../http/validation.ts'
import { originFor, type AccountDeps } from './account-deps.ts'
import { hashPassword, requireGoodPassword } from './password.ts'
import { readSettingsChange, settingsToWire, type Settings } from './settings.ts'
import { readUserChange } from './user-change.ts'
import { createUser } from './user-store.ts'
import { toUserWire } from './user-wire.ts'
import { createWorkspace, findSettings, findWorkspaceById, updateWorkspace } from './workspace-store.ts'

/** Loose on purpose: settings.ts reads each member and says what is accepted. */
const SettingsPatch = Type.Object(
  {
    name: Type.Optional(Type.Unknown()),
    time_zone: Type.Optional(Type.Unknown()),
    default_region: Type.Optional(Type.Unknown()),
    sign_up_open: Type.Optional(Type.Union([Type.Boolean(), Type.Unknown()])),
    calling_hours: Type.Optional(
      Type.Unknown({ description: '{"mon": ["09:00", "20:00"], …}, "always" or null' }),
    ),
    holidays: Type.Optional(Type.Unknown()),
    frequency_cap: Type.Optional(
      Type.Unknown({
        description:
          'How often one person is called and texted at most: {"per_day": 3, "per_week": 7, "per_month": 20}, any of them, or null',
      }),
    ),
    calls_per_second: Type.Optional(Type.Unknown()),
    max_concurrent_calls: Type.Optional(Type.Unknown()),
    unknown_policy: Type.Optional(Type.Unknown()),
    allowed_origins: Type.Optional(Type.Unknown()),
    cancellation_limit: Type.Optional(Type.Unknown()),
    cancellation_window_days: Type.Optional(Type.Unknown()),
    cancellation_fee: Type.Optional(
      Type.Unknown({ description: 'In the smallest unit of the currency, or null' }),
    ),
    intake_allow_list: Type.Optional(Type.Unknown()),
    intake_query_key: Type.Optional(Type.Union([Type.Boolean(), Type.Unknown()])),
    intake_per_minute: Type.Optional(Type.Unknown()),
    credit_limit: Type.Optional(Type.Unknown()),
    credit_prices: Type.Optional(Type.Unknown()),
    otp_echo: Type.Optional(Type.Unknown()),
    otp_countries: Type.Optional(Type.Unknown()),
    otp_per_day: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: true },
)

const NewWorkspace = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  admin_email: Type.String({ maxLength: 254 }),
  admin_password: Type.String({ maxLength: 1_000 }),
})

/** What a workspace chose, and new workspaces. */
export async function settingsRoutes(app: App, deps: AccountDeps): Promise<void> {
  const { sql, clock } = deps
  const config = { allow: ['admin'], personal: true } as const
  const tags = ['settings']

  app.route({
    method: 'GET',
    url: '/api/settings/',
    config,
    schema: { tags, summary: 'The settings of the workspace' },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const workspace = await findWorkspaceById(sql, workspaceId)
      return answerOf(workspace?.name ?? '', await findSettings(sql, workspaceId))
    },
  })

  app.route({
    method: 'PATCH',
    url: '/api/settings/',
    config,
    schema: { tags, summary: 'Change settings', body: SettingsPatch },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      return idempotent(request, reply, sql, async (tx) => {
        const { name, ...members } = request.body
        const { changes, problems } = readSettingsChange(members)
        const newName = name === undefined ? null : readName(name)
        if (problems.length > 0) throw invalidInput(problems)
        await updateWorkspace(tx, workspaceId, { name: newName, settings: changes })
        const workspace = await findWorkspaceById(tx, workspaceId)
        return { status: 200, body: answerOf(workspace?.name ?? '', await findSettings(tx, workspaceId)) }
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/workspaces/',
    config: { ...config, success: 201 },
    schema: { tags, summary: 'Another, separate workspace with its first administrator', body: NewWorkspace },
    handler: async (request, reply) => {
      if (!principalOf(request).isOwner) {
        throw new AppError(
          'forbidden',
          'forbidden',
          'Only the owner of the installation may make workspaces.',
        )
      }
      const { name, admin_email, admin_password } = request.body
      requireGoodPassword(admin_password, 'admin_password')
      const { email = '' } = readUserChange({ email: admin_email }, null)
      const passwordHash = await hashPassword(admin_password)
      return idempotent(request, reply, sql, async (tx) => {
        const workspace = await createWorkspace(
          tx,
          { name: readName(name), settings: deps.defaults },
          clock.now(),
        )
        const person = { workspaceId: workspace.id, email, passwordHash, role: 'admin' } as const
        const admin = await createUser(tx, person, clock.now())
        const { id, slug } = workspace
        return {
          status: 201,
          body: { id, slug, name: workspace.name, admin: toUserWire(admin, originFor(request, deps)) },
        }
      })
    },
  })
}

function answerOf(name: string, settings: Settings): Record<string, unknown> {
  return { name, ...settingsToWire(settings) }
}

function readName(value: unknown): string {
  const name = typeof value === 'string' ? value.trim() : ''
  if (name.length >= 1 && name.length <= 100) return name
  throw new AppError(
    'invalid',
    'invalid_field',
    `name must be text of 1 to 100 characters; ${shown(value)} is not.`,
    {
      param: 'name',
    },
  )
}
