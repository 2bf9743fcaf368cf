import { Type } from '@fastify/type-provider-typebox'
import type { App } from '../http/app-shell.ts'
import { instantText } from '../http/instants.ts'
import { pageAnswer, pageOf, PageQuery, readPage } from '../http/paging.ts'
import { principalOf } from '../http/principal.ts'
import type { AccountDeps } from './account-deps.ts'
import { listMail } from './outbox-store.ts'

const MailWire = Type.Object({
  id: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  body: Type.String(),
  calendar: Type.Union([Type.String(), Type.Null()]),
  state: Type.Enum(['waiting', 'sending', 'sent', 'kept', 'failed']),
  attempts: Type.Integer(),
  reason: Type.Union([Type.String(), Type.Null()]),
  created: Type.String(),
  sent: Type.Union([Type.String(), Type.Null()]),
})

/** What was mailed. Without SMTP this is where people find what would have been. */
export async function outboxRoutes(app: App, deps: AccountDeps): Promise<void> {
  app.route({
    method: 'GET',
    url: '/api/outbox/',
    config: { allow: ['admin'], personal: true },
    schema: {
      tags: ['accounts'],
      summary: 'Mail of the workspace, newest first',
      querystring: Type.Object(PageQuery),
      response: { 200: pageOf(MailWire) },
    },
    handler: async (request) => {
      const page = readPage(request.query)
      const { workspaceId } = principalOf(request)
      const { count, mail } = await listMail(deps.sql, { workspaceId, offset: page.offset, limit: page.size })
      const results = mail.map(({ id, to, subject, body, calendar, state, attempts, reason, ...times }) => ({
        id,
        to,
        subject,
        body,
        calendar,
        state,
        attempts,
        reason,
        created: instantText(times.createdAt),
        sent: times.sentAt === null ? null : instantText(times.sentAt),
      }))
      return pageAnswer(request, deps.publicUrl, { ...page, count, results })
    },
  })
}
