import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { Empty } from '../ui/empty.tsx'
import { Fault } from '../ui/fault.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Page } from '../ui/page.tsx'

/** A page that could not be shown at all. */
export function PageFault({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Page title="Something went wrong">
      <Fault error={error} title="This page could not be shown." onRetry={() => void router.invalidate()} />
    </Page>
  )
}

export function PageMissing() {
  return (
    <Page title="No such page">
      <Empty action={<LinkButton to="/live">To the live board</LinkButton>}>
        There is nothing at this address.
      </Empty>
    </Page>
  )
}
