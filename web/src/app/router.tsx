import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { QueryClient } from '@tanstack/react-query'
import { isSignedOut } from '../lib/api-error.ts'
import { meQuery } from '../features/accounts/read-me.ts'
import { PageFault, PageMissing } from './page-fault.tsx'
import * as search from './search.ts'
import { Shell } from './shell.tsx'

const root = createRootRouteWithContext<{ client: QueryClient }>()({})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: search.toSignInSearch,
  component: lazyRouteComponent(() => import('./accounts-routes.tsx'), 'SignInRoute'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./accounts-routes.tsx'), 'SetupRoute'),
})

/** Everything but the two doors: asks who is signed in before anything is shown. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery)
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: '/sign-in', search: { next: location.href } })
      throw error
    }
  },
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: async ({ context }) => {
    const { role } = await context.client.ensureQueryData(meQuery)
    const worksHere = role !== 'hero' && role !== 'caller'
    throw redirect({ to: worksHere ? '/live' : '/requests', replace: true })
  },
})

const live = createRoute({
  getParentRoute: () => inside,
  path: '/live',
  validateSearch: search.toBoardSearch,
  component: lazyRouteComponent(() => import('./live-route.tsx'), 'LiveRoute'),
})

const today = createRoute({
  getParentRoute: () => inside,
  path: '/today',
  validateSearch: search.toTodaySearch,
  component: lazyRouteComponent(() => import('./today-route.tsx'), 'TodayRoute'),
})

const campaigns = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns',
  validateSearch: search.toCampaignsSearch,
  component: lazyRouteComponent(() => import('./campaigns-route.tsx'), 'CampaignsRoute'),
})

const newCampaign = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/new',
  validateSearch: search.toNewCampaignSearch,
  component: lazyRouteComponent(() => import('./new-campaign-route.tsx'), 'NewCampaignRoute'),
})

const campaign = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/$campaignId',
  component: lazyRouteComponent(() => import('./campaign-route.tsx'), 'CampaignRoute'),
})

const sounds = createRoute({
  getParentRoute: () => inside,
  path: '/sounds',
  component: lazyRouteComponent(() => import('./sounds-route.tsx'), 'SoundsRoute'),
})

const messages = createRoute({
  getParentRoute: () => inside,
  path: '/messages',
  validateSearch: search.toMessagesSearch,
  component: lazyRouteComponent(() => import('./messages-route.tsx'), 'MessagesRoute'),
})

const leads = createRoute({
  getParentRoute: () => inside,
  path: '/leads',
  validateSearch: search.toLeadsSearch,
  component: lazyRouteComponent(() => import('./leads-routes.tsx'), 'LeadsRoute'),
})

const lead = createRoute({
  getParentRoute: () => inside,
  path: '/leads/$leadId',
  component: lazyRouteComponent(() => import('./leads-routes.tsx'), 'LeadRoute'),
})

const agent = createRoute({
  getParentRoute: () => inside,
  path: '/agent-dashboard',
  validateSearch: search.toAgentSearch,
  component: lazyRouteComponent(() => import('./leads-routes.tsx'), 'AgentRoute'),
})

const dialer = createRoute({
  getParentRoute: () => inside,
  path: '/dialer',
  validateSearch: search.toIntakeSearch,
  component: lazyRouteComponent(() => import('./leads-routes.tsx'), 'DialerRoute'),
})

const numbers = createRoute({
  getParentRoute: () => inside,
  path: '/numbers',
  validateSearch: search.toNumbersSearch,
  component: lazyRouteComponent(() => import('./number-routes.tsx'), 'NumbersRoute'),
})

const otp = createRoute({
  getParentRoute: () => inside,
  path: '/otp',
  validateSearch: search.toOtpSearch,
  component: lazyRouteComponent(() => import('./number-routes.tsx'), 'OtpRoute'),
})

const credits = createRoute({
  getParentRoute: () => inside,
  path: '/credits',
  component: lazyRouteComponent(() => import('./number-routes.tsx'), 'CreditsRoute'),
})

const requests = createRoute({
  getParentRoute: () => inside,
  path: '/requests',
  validateSearch: search.toRequestsSearch,
  component: lazyRouteComponent(() => import('./requests-routes.tsx'), 'RequestsRoute'),
})

const request = createRoute({
  getParentRoute: () => inside,
  path: '/requests/$requestId',
  component: lazyRouteComponent(() => import('./requests-routes.tsx'), 'RequestRoute'),
})

const heroes = createRoute({
  getParentRoute: () => inside,
  path: '/heroes',
  validateSearch: search.toHeroesSearch,
  component: lazyRouteComponent(() => import('./requests-routes.tsx'), 'HeroesRoute'),
})

const hero = createRoute({
  getParentRoute: () => inside,
  path: '/heroes/$heroId',
  component: lazyRouteComponent(() => import('./requests-routes.tsx'), 'HeroRoute'),
})

const outbox = createRoute({
  getParentRoute: () => inside,
  path: '/outbox',
  validateSearch: search.toOutboxSearch,
  component: lazyRouteComponent(() => import('./requests-routes.tsx'), 'OutboxRoute'),
})

const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyRouteComponent(() => import('./requests-routes.tsx'), 'AccountRoute'),
})

const tree = root.addChildren([
  signIn,
  setup,
  inside.addChildren([
    home,
    today,
    live,
    campaigns,
    newCampaign,
    campaign,
    sounds,
    messages,
    leads,
    lead,
    agent,
    dialer,
    numbers,
    otp,
    credits,
    requests,
    request,
    heroes,
    hero,
    outbox,
    account,
  ]),
])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    parseSearch: search.parseSearch,
    stringifySearch: search.writeSearch,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: PageMissing,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
