import { answered, api } from '../../lib/api.ts'

/** Asks the carrier to end the call, or not to place it. What became of it comes by the stream. */
export async function hangUp(callId: string): Promise<void> {
  await answered(api.POST('/api/calls/{call_id}/hangup/', { params: { path: { call_id: callId } } }))
}
