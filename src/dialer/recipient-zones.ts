/** Where and when: what a run obeys of its workspace and of its own, and where its recipients are. */
import type { Tx } from '../db/sql.ts'
import { commonHours } from '../calls/calling-window.ts'
import { storedRules } from '../campaigns/campaign-rules.ts'
import type { DialRules } from './claim.ts'
import { leadZones } from './lead-zone-store.ts'

/** The workspace's rules, and within them the campaign's own hours. */
export function rulesOfRun(rules: DialRules, run: { callingHours: unknown }): DialRules {
  const { callingHours } = storedRules({ calling_hours: run.callingHours })
  return { ...rules, callingHours: commonHours(rules.callingHours, callingHours) }
}

export function zonesOf(list: string | null, rules: DialRules): readonly string[] {
  return list === null || list === '' ? [rules.timeZone] : list.split(',')
}

type Somebody = {
  workspaceId: number
  to: string
  zones: readonly string[]
  /** Nothing closer to the person says where that is. */
  asksLead: boolean
  rules: DialRules
}

/** Puts in the zone of the lead where it is asked for and hours matter. */
export async function askLeads(tx: Tx, people: readonly Somebody[]): Promise<void> {
  const asking = people.filter(({ asksLead, rules }) => asksLead && keepsHours(rules))
  const zones = await leadZones(tx, asking)
  for (const one of asking) {
    const zone = zones.get(`${one.workspaceId} ${one.to}`)
    if (zone !== undefined) one.zones = [zone]
  }
}

function keepsHours({ callingHours, holidays }: DialRules): boolean {
  return (callingHours !== null && callingHours !== 'always') || holidays.length > 0
}
