import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'
import { toCampaign } from './campaign.ts'

export function campaignKey(id: number) {
  return ['campaigns', 'one', id] as const
}

export function campaignQuery(id: number) {
  return queryOptions({
    queryKey: campaignKey(id),
    queryFn: async ({ signal }) => {
      const answer = await answered(
        api.GET('/api/system/campaigns/{id}/details/', { params: { path: { id } }, signal }),
      )
      return toCampaign(answer.data.details)
    },
  })
}
