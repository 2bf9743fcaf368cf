import { getRouteApi } from '@tanstack/react-router'
import { BoardPage, type BoardSearch } from '../features/calls/board-page.tsx'
import { CampaignPicker } from '../features/campaigns/campaign-picker.tsx'
import { Empty } from '../ui/empty.tsx'
import { LinkButton } from '../ui/link-button.tsx'

const route = getRouteApi('/inside/live')

export function LiveRoute() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  // Opening a call is a step one can go back from; a filter that is being typed is not.
  const onSearch = (change: Partial<BoardSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: change.call === undefined })
  return (
    <BoardPage
      search={search}
      onSearch={onSearch}
      campaignPicker={
        <CampaignPicker value={search.campaign} onChange={(campaign) => onSearch({ campaign })} />
      }
      start={
        <Empty
          action={
            <LinkButton to="/campaigns/new" search={{ sample: true }}>
              Start a rehearsal
            </LinkButton>
          }
        >
          No calls yet. They appear here the moment one is placed.
        </Empty>
      }
    />
  )
}
