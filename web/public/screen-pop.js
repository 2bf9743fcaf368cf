// Runs before anything else is asked for or shown. A dialer opens the agent's screen with the person's name, number and
// mail in the address: only the lead's id stays there; the rest is kept in this page's memory, to be shown as said.
;(() => {
  if (location.pathname.replace(/\/$/, '') !== '/agent-dashboard') return
  const given = new URLSearchParams(location.search)
  const leadId = given.get('lead_id') ?? ''
  const members = {}
  for (const [name, value] of given) {
    if (name !== 'lead_id' && name !== 'from_dialer') members[name] = value.slice(0, 500)
  }
  if (Object.keys(members).length === 0 && location.hash === '') return
  window.trunklineSaid = { leadId, members }
  const kept = new URLSearchParams()
  if (given.has('from_dialer')) kept.set('from_dialer', 'true')
  if (/^\d+$/.test(leadId)) kept.set('lead_id', leadId)
  const search = kept.toString()
  history.replaceState(null, '', `/agent-dashboard${search === '' ? '' : `?${search}`}`)
})()
