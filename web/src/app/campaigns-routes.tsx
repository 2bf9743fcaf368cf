import { getRouteApi } from '@tanstack/react-router'
import { CampaignPage } from '../features/campaigns/campaign-page.tsx'
import { CampaignsPage } from '../features/campaigns/campaigns-page.tsx'
import { NewCampaignPage } from '../features/campaigns/new-campaign-page.tsx'
import { PageMissing } from './page-fault.tsx'

const listRoute = getRouteApi('/inside/campaigns')
const newRoute = getRouteApi('/inside/campaigns/new')
const oneRoute = getRouteApi('/inside/campaigns/$campaignId')

export function CampaignsRoute() {
  const navigate = listRoute.useNavigate()
  return (
    <CampaignsPage
      search={listRoute.useSearch()}
      onSearch={(change) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })}
    />
  )
}

export function NewCampaignRoute() {
  return <NewCampaignPage startWithSample={newRoute.useSearch().sample === true} />
}

export function CampaignRoute() {
  const campaignId = Number(oneRoute.useParams().campaignId)
  if (!Number.isSafeInteger(campaignId) || campaignId < 1) return <PageMissing />
  return <CampaignPage key={campaignId} campaignId={campaignId} />
}
