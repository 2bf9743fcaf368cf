import { getRouteApi } from '@tanstack/react-router'
import { CampaignPage } from '../features/campaigns/campaign-page.tsx'
import { PageMissing } from './page-fault.tsx'

const route = getRouteApi('/inside/campaigns/$campaignId')

export function CampaignRoute() {
  const campaignId = Number(route.useParams().campaignId)
  if (!Number.isSafeInteger(campaignId) || campaignId < 1) return <PageMissing />
  return <CampaignPage key={campaignId} campaignId={campaignId} />
}
