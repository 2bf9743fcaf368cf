import { getRouteApi } from '@tanstack/react-router'
import { NewCampaignPage } from '../features/campaigns/new-campaign-page.tsx'

const route = getRouteApi('/inside/campaigns/new')

export function NewCampaignRoute() {
  const { sample, campaign } = route.useSearch()
  return <NewCampaignPage key={campaign} startWithSample={sample === true} campaignId={campaign} />
}
