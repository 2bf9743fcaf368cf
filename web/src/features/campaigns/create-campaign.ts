import { answered, api } from '../../lib/api.ts'
import { toCampaign, type Campaign } from './campaign.ts'

export interface CampaignDraft {
  name: string
  numbers: readonly string[]
  file: File | null
}

/** Makes the campaign with its numbers, either written out or in a file. Nothing is called by it. */
export async function createCampaign(draft: CampaignDraft): Promise<Campaign> {
  const services = 'PHONE'
  const answer = await answered(
    draft.file === null
      ? api.POST('/api/system/campaigns/', {
          body: { name: draft.name, services, individual_number: [...draft.numbers] },
        })
      : api.POST('/api/system/campaigns/', {
          body: { name: draft.name, services },
          bodySerializer: () => withFile({ name: draft.name, services }, draft.file),
        }),
  )
  return toCampaign(answer.data.details)
}

function withFile(fields: Record<string, string>, file: File | null): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  if (file !== null) form.set('send_to_number_file', file)
  return form
}
