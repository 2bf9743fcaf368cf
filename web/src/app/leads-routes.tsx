import { useCallback } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import { useSuspenseQuery } from '@tanstack/react-query'
import { meQuery } from '../features/accounts/read-me.ts'
import { IntakePage } from '../features/intake/intake-page.tsx'
import { AgentPage } from '../features/leads/agent-page.tsx'
import { LeadPage } from '../features/leads/lead-page.tsx'
import { LeadsPage } from '../features/leads/leads-page.tsx'

const leads = getRouteApi('/inside/leads')
const lead = getRouteApi('/inside/leads/$leadId')
const agent = getRouteApi('/inside/agent-dashboard')
const dialer = getRouteApi('/inside/dialer')

export function LeadsRoute() {
  const navigate = leads.useNavigate()
  const { role } = useSuspenseQuery(meQuery).data
  return (
    <LeadsPage
      search={leads.useSearch()}
      onSearch={(change) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })}
      mayExport={role !== 'agent'}
    />
  )
}

export function LeadRoute() {
  const leadId = Number(lead.useParams().leadId)
  return <LeadPage key={leadId} leadId={leadId} />
}

export function AgentRoute() {
  const navigate = agent.useNavigate()
  const { id } = useSuspenseQuery(meQuery).data
  const onLead = useCallback(
    (leadId: number | undefined) =>
      void navigate({ search: leadId === undefined ? {} : { lead_id: leadId }, replace: true }),
    [navigate],
  )
  return <AgentPage leadId={agent.useSearch().lead_id} userId={id} onLead={onLead} />
}

export function DialerRoute() {
  const navigate = dialer.useNavigate()
  const { role } = useSuspenseQuery(meQuery).data
  return (
    <IntakePage
      search={dialer.useSearch()}
      onSearch={(change) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })}
      isAdmin={role === 'admin'}
    />
  )
}
