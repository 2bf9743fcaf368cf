import { getRouteApi } from '@tanstack/react-router'
import { CampaignsPage } from '../features/campaigns/campaigns-page.tsx'

const route = getRouteApi('/inside/campaigns')

export function CampaignsRoute() {
  const navigate = route.useNavigate()
  return (
    <CampaignsPage
      search={route.useSearch()}
      onSearch={(change) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })}
    />
  )
}
