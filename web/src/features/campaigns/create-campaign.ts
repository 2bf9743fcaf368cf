import { answered, api } from '../../lib/api.ts'
import { toCampaign, type Campaign } from './campaign.ts'

export interface NewList {
  name: string
  service: 'PHONE' | 'SMS'
  numbers: readonly string[]
  /** A list that was uploaded before; it takes the place of the numbers. */
  fileId: number | null
  /** Of that list, when it is another than the one that was found. */
  numberColumn: number | null
}

/** Makes the campaign with its numbers, either written out or in a file. Nothing is called by it. */
export async function createCampaign({ name, service, numbers, ...list }: NewList): Promise<Campaign> {
  const { fileId, numberColumn } = list
  const chosen = numberColumn === null ? {} : { number_column: numberColumn }
  const source =
    fileId === null ? { individual_number: [...numbers] } : { send_to_number_file: String(fileId), ...chosen }
  const answer = await answered(
    api.POST('/api/system/campaigns/', { body: { name, services: service, ...source } }),
  )
  return toCampaign(answer.data.details)
}
