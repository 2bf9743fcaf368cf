import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import type { CampaignNumber } from '../../lib/api-types.ts'

export interface NumberPage {
  numbers: CampaignNumber[]
  total: number
}

export const numbersPageSize = 100

export function numbersKey(campaignId: number) {
  return ['campaigns', 'numbers', campaignId] as const
}

/** One page (from 1) of a campaign's numbers, newest first. */
export function numbersQuery(campaignId: number, page: number) {
  return queryOptions({
    queryKey: [...numbersKey(campaignId), page] as const,
    queryFn: async ({ signal }): Promise<NumberPage> => {
      const query = { page, page_size: numbersPageSize }
      const answer = await answered(
        api.GET('/api/system/campaigns/number/{id}', { params: { path: { id: campaignId }, query }, signal }),
      )
      const numbers = answer.data['number-lists']
      return { numbers, total: answer.data.pagination?.total_items ?? numbers.length }
    },
  })
}
