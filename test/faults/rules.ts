/** Who may not be called is not called, whatever else goes on. */
import { setTimeout as delay } from 'node:timers/promises'
import { arrayOf } from '../../src/db/sql.ts'
import { begin, command, makeCampaign } from './client.ts'
import type { Ground } from './ground.ts'
import { people } from './people.ts'
import { inRig, type Outcome, type Row } from './row.ts'
import { quiet } from './verdict.ts'

export const ruleRows: Row[] = [{ name: 'rules: hours, do-not-call, other workspaces', run: rules }]

/** Open on one day of the week only, and that is three days away. */
function inThreeDays(): Record<string, [string, string]> {
  const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 3) % 7] ?? 'sun'
  return { [day]: ['09:00', '17:00'] }
}

/** Who may not be called is not called, and what another workspace decided decides nothing here. */
function rules(ground: Ground): Promise<Outcome> {
  const [allowed, listed] = [people(60), people(20)]
  return inRig(
    ground,
    { callsPerSecond: 100 },
    async (rig) => {
      const { url } = await rig.start()
      await rig.sql`insert into workspaces (slug, name, settings, created_at) values ('other', 'Other', '{}', now())`
      await rig.sql`insert into event_heads (workspace_id) select id from workspaces where slug = 'other'`
      await rig.sql`
        insert into do_not_call (workspace_id, number, created_at)
        select id, number, now() from workspaces, unnest(${arrayOf(allowed)}::text[]) as number where slug = 'other'`
      await rig.sql`
        insert into do_not_call (workspace_id, number, created_at)
        select id, number, now() from workspaces, unnest(${arrayOf(listed)}::text[]) as number where slug <> 'other'`
      const { runId } = await rig.beginRun([...allowed, ...listed], url)
      rig.wanted.splice(0, rig.wanted.length, { runId, numbers: allowed })
      await quiet(rig, 60_000)
      const closed = { calling_hours: inThreeDays() }
      await rig.sql`
        update workspaces set settings = settings || ${JSON.stringify(closed)}::text::jsonb where slug <> 'other'`
      const before = await rig.accepted()
      const client = await rig.client()
      const campaignId = await makeCampaign(url, client, people(40))
      await begin(url, client, { campaignId })
      await delay(3_000)
      const outside = (await rig.accepted()) - before
      await command(url, client, { campaignId, command: 'stop' })
      if (outside > 0) rig.findings.push(`${outside} people were called outside their hours`)
      return { allowed: allowed.length, 'on do-not-call': listed.length, 'outside their hours': outside }
    },
    {
      withinMs: 60_000,
      look: (ledger, rig) => {
        const called = ledger.filter((call) => listed.includes(call.to)).length
        if (called > 0) rig.findings.push(`${called} people on the do-not-call list were called`)
        return { 'listed and called': called }
      },
    },
  )
}
