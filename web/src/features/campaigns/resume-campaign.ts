import { answered, api } from '../../lib/api.ts'

/** Goes on where the pause began. */
export async function resumeCampaign(id: number): Promise<void> {
  await answered(api.POST('/api/system/campaigns/{id}/resume/', { params: { path: { id } } }))
}
