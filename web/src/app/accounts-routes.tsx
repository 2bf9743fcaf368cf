import { getRouteApi, useRouter } from '@tanstack/react-router'
import { SetupPage } from '../features/accounts/setup-page.tsx'
import { SignInPage } from '../features/accounts/sign-in-page.tsx'

const signInRoute = getRouteApi('/sign-in')

export function SignInRoute() {
  const { next } = signInRoute.useSearch()
  const router = useRouter()
  return <SignInPage onDone={() => router.history.push(next ?? '/')} />
}

export function SetupRoute() {
  const router = useRouter()
  const token = decodeURIComponent(window.location.hash.slice(1))
  return <SetupPage token={token} onDone={() => router.history.replace('/campaigns/new?sample=true')} />
}
