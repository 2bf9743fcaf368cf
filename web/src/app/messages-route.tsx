import { getRouteApi } from '@tanstack/react-router'
import { MessagesPage, type MessagesSearch } from '../features/messages/messages-page.tsx'

const route = getRouteApi('/inside/messages')

export function MessagesRoute() {
  const navigate = route.useNavigate()
  // Opening a text is a step one can go back from; a filter that is being typed is not.
  const onSearch = (change: Partial<MessagesSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: change.message === undefined })
  return <MessagesPage search={route.useSearch()} onSearch={onSearch} />
}
