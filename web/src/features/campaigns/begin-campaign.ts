import { answered, api } from '../../lib/api.ts'

/** Writes one run: the dialer takes it up by itself. */
export async function beginCampaign(id: number, message: string): Promise<void> {
  await answered(
    api.POST('/api/system/campaigns/{id}/begin/', { params: { path: { id } }, body: { message } }),
  )
}
