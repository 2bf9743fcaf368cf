import { answered, api } from '../../lib/api.ts'

/** Ends the run for good: numbers not yet called become terminated. */
export async function stopCampaign(id: number): Promise<void> {
  await answered(api.POST('/api/system/campaigns/{id}/stop/', { params: { path: { id } } }))
}
