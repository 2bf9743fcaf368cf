import { answered, api } from '../../lib/api.ts'
import type { Begin } from '../../lib/api-types.ts'

/** Writes one run: the dialer takes it up by itself. */
export async function beginCampaign(id: number, body: Begin): Promise<void> {
  await answered(api.POST('/api/system/campaigns/{id}/begin/', { params: { path: { id } }, body }))
}
