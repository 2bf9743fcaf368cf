/**
 * What the dialer said about a person in the address it opened. public/screen-pop.js has taken it out of the address
 * before anything was shown; it is shown as said, and never saved.
 */
import type { Lead } from '../../lib/lead-types.ts'

declare global {
  interface Window {
    trunklineSaid?: { leadId: string; members: Record<string, string> }
  }
}

export type Said = { name: string; value: string }

/** The members that differ from what the lead says. */
export function saidOf(lead: Lead): Said[] {
  const said = window.trunklineSaid
  if (said === undefined || said.leadId !== String(lead.id)) return []
  return Object.entries(said.members)
    .filter(([name, value]) => value.trim() !== '' && value !== lead[name])
    .map(([name, value]) => ({ name, value }))
}
