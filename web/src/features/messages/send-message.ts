import { answered, api } from '../../lib/api.ts'
import type { Message } from '../../lib/api-types.ts'

/** Hands in one text; it is sent as soon as its turn comes. */
export async function sendMessage(body: { to_number: string; message: string }): Promise<Message> {
  return answered(api.POST('/api/messages/', { body }))
}
