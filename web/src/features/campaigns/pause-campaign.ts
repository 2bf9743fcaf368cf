import { answered, api } from '../../lib/api.ts'

/** No further number is called until it is resumed; calls under way end normally. */
export async function pauseCampaign(id: number): Promise<void> {
  await answered(api.POST('/api/system/campaigns/{id}/pause/', { params: { path: { id } } }))
}
