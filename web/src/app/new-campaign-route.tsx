import { getRouteApi } from '@tanstack/react-router'
import { NewCampaignPage } from '../features/campaigns/new-campaign-page.tsx'

const route = getRouteApi('/inside/campaigns/new')

export function NewCampaignRoute() {
  return <NewCampaignPage startWithSample={route.useSearch().sample === true} />
}
