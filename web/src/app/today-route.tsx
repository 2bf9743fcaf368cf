import { getRouteApi } from '@tanstack/react-router'
import { TodayPage, type TodaySearch } from '../features/call-plans/today-page.tsx'

const route = getRouteApi('/inside/today')

export function TodayRoute() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  // Entering and leaving the queue are steps one can go back from; going on within it is not.
  const onSearch = (next: TodaySearch) =>
    void navigate({ search: next, replace: search.queue === true && next.queue === true })
  return <TodayPage search={search} onSearch={onSearch} />
}
