import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import { toCampaign, type Campaign } from './campaign.ts'

export interface CampaignPage {
  campaigns: Campaign[]
  page: number
  pages: number
  total: number
}

export const campaignsKey = ['campaigns', 'list'] as const

export const campaignsPageSize = 100

export function campaignsQuery(page: number) {
  return queryOptions({
    queryKey: [...campaignsKey, page] as const,
    queryFn: async ({ signal }): Promise<CampaignPage> => {
      const query = { page, page_size: campaignsPageSize }
      const answer = await answered(api.GET('/api/system/campaigns/', { params: { query }, signal }))
      return {
        campaigns: answer.result['campaign-lists'].map(toCampaign),
        page: answer.pagination.page_number,
        pages: answer.pagination.total_pages,
        total: answer.pagination.total_items,
      }
    },
  })
}
