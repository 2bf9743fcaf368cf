import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Sql } from '../db/sql.ts'
import type { App } from '../http/app-shell.ts'
import { envelope, envelopeOf } from '../http/families.ts'
import { instantText } from '../http/instants.ts'
import { managers, principalOf } from '../http/principal.ts'
import { listEntries, readCredits, type CreditEntry } from './credit-store.ts'

const most = 100

const Ledger = Type.Object({
  before: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'The id of an entry' }),
  ),
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 10 })),
})

const limit = Type.Union([Type.Integer(), Type.Null()], {
  description: 'credit_limit of the settings; null: none',
})
const Credits = envelopeOf(
  Type.Object({
    limit,
    used: Type.Integer(),
    on_hold: Type.Integer({ description: 'For what has begun and is not over' }),
    available: Type.Union([Type.Integer(), Type.Null()], { description: 'Null without a limit' }),
    prices: Type.Record(Type.String(), Type.Unknown(), {
      description: 'By country: a minute of a call, a segment of a text, a month of a number',
    }),
    entries: Type.Array(
      Type.Object({
        id: Type.Integer(),
        at: Type.String(),
        entry: Type.String({ description: 'hold, settle or release' }),
        kind: Type.String({ description: 'run, call, text or number' }),
        subject: Type.String({ description: 'Its id, or the number' }),
        items: Type.Integer({ description: 'Calls, texts or months it stands for' }),
        used: Type.Integer({ description: 'Added to what is used' }),
        on_hold: Type.Integer({ description: 'Added to what is on hold; negative when it is no longer' }),
      }),
    ),
    next_before: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Older entries: send it as before',
    }),
  }),
)

/** What the workspace has used, what is on hold, and the ledger that says for what. */
export async function creditRoutes(app: App, { sql }: { sql: Sql }): Promise<void> {
  app.route({
    method: 'GET',
    url: '/api/system/credits/',
    config: { allow: managers },
    schema: {
      tags: ['credits'],
      summary: 'Credits: used, on hold, left, and the ledger, newest first',
      querystring: Ledger,
      response: { 200: Credits },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const { creditLimit, creditPrices } = await findSettings(sql, workspaceId)
      const { used, held } = await readCredits(sql, workspaceId)
      const size = Math.min(request.query.page_size ?? 10, most)
      const entries = await listEntries(sql, workspaceId, {
        before: request.query.before ?? null,
        limit: size + 1,
      })
      const shown = entries.slice(0, size)
      return envelope({
        limit: creditLimit,
        used,
        on_hold: held,
        available: creditLimit === null ? null : Math.max(0, creditLimit - used - held),
        prices: creditPrices,
        entries: shown.map(toWire),
        next_before: entries.length > size ? (shown.at(-1)?.id ?? null) : null,
      })
    },
  })
}

function toWire({ id, at, entry, kind, subject, items, used, held }: CreditEntry) {
  return { id, at: instantText(at), entry, kind, subject, items, used, on_hold: held }
}
