/** What kind of installation this is: whether real phones ring, and what time it is. */
import { Type } from '@fastify/type-provider-typebox'
import { findSettings, findWorkspaceById } from '../accounts/workspace-store.ts'
import type { Queryable } from '../db/sql.ts'
import type { App } from '../http/app-shell.ts'
import { instantText } from '../http/instants.ts'
import { principalOf } from '../http/principal.ts'
import type { CallDeps } from './call-deps.ts'

const Mode = Type.Object({
  carrier: Type.Union([Type.Literal('simulated'), Type.Literal('live')]),
  carrier_name: Type.String(),
  workspace: Type.String(),
  time_zone: Type.String({ description: 'Of the workspace' }),
  product_time: Type.String({ description: 'The time that every rule works with' }),
  dialing: Type.Object({
    blocked_reason: Type.Union([Type.String(), Type.Null()], {
      description: 'Why nobody is dialed at the moment',
    }),
  }),
})

export async function modeRoutes(app: App, deps: CallDeps): Promise<void> {
  const { sql, clock } = deps
  app.route({
    method: 'GET',
    url: '/api/mode/',
    config: { allow: 'signed_in' },
    schema: {
      tags: ['calls'],
      summary: 'The carrier, the workspace and the time',
      response: { 200: Mode },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const [workspace, settings, blocked] = await Promise.all([
        findWorkspaceById(sql, workspaceId),
        findSettings(sql, workspaceId),
        blockedReason(sql, deps.carrierAccountId),
      ])
      return {
        carrier: deps.carrierIsLive ? ('live' as const) : ('simulated' as const),
        carrier_name: deps.carrierName,
        workspace: workspace?.name ?? '',
        time_zone: settings.timeZone,
        product_time: instantText(clock.now()),
        dialing: { blocked_reason: blocked },
      }
    },
  })
}

/** Null when the carrier account may dial. */
async function blockedReason(sql: Queryable, carrierAccountId: number): Promise<string | null> {
  const [row] = await sql<{ blocked_reason: string | null }[]>`
    select blocked_reason from carrier_accounts
     where id = ${carrierAccountId} and blocked_until > clock_timestamp()`
  return row?.blocked_reason ?? null
}
