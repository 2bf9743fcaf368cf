import type { MessageStatus } from '../../lib/api-types.ts'

export const messageStatuses: readonly MessageStatus[] = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'canceled',
]
