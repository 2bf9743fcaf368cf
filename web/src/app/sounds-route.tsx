import { SoundsPage } from '../features/campaigns/sounds-page.tsx'

export function SoundsRoute() {
  return <SoundsPage />
}
