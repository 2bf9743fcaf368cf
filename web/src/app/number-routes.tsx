import { getRouteApi } from '@tanstack/react-router'
import { CreditsPage } from '../features/credits/credits-page.tsx'
import { NumbersPage } from '../features/numbers/numbers-page.tsx'
import { OtpPage } from '../features/otp/otp-page.tsx'

const numbers = getRouteApi('/inside/numbers')
const otp = getRouteApi('/inside/otp')

export function NumbersRoute() {
  const navigate = numbers.useNavigate()
  return (
    <NumbersPage
      search={numbers.useSearch()}
      onSearch={(change) =>
        void navigate({ search: (old) => ({ ...old, ...change }), replace: !('view' in change) })
      }
    />
  )
}

export function OtpRoute() {
  const navigate = otp.useNavigate()
  return (
    <OtpPage
      search={otp.useSearch()}
      onSearch={(change) => void navigate({ search: (old) => ({ ...old, ...change }) })}
    />
  )
}

export function CreditsRoute() {
  return <CreditsPage />
}
