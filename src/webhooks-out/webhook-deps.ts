import type { Clock } from '../clock.ts'
import type { Sql } from '../db/sql.ts'
import type { EndpointSecrets } from './endpoint-secret.ts'
import type { WebhookSender } from './webhook-sender.ts'

export type WebhookDeps = {
  sql: Sql
  clock: Clock
  publicUrl: string | null
  secrets: EndpointSecrets
  sender: Pick<WebhookSender, 'mayReach'>
}
