import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { formatCount } from '../../lib/number-format.ts'
import { SegmentedBar } from '../../ui/segmented-bar.tsx'
import { CampaignBadge } from './campaign-badge.tsx'
import type { Campaign } from './campaign.ts'
import { progressOf } from './progress.ts'
import { campaignQuery } from './read-campaign.ts'
import classes from './campaign-row.module.css'

export function CampaignHead() {
  return (
    <div className={classes.columns}>
      <span role="columnheader">Campaign</span>
      <span role="columnheader">Progress</span>
      <span role="columnheader" className={classes.figure}>
        Done
      </span>
      <span role="columnheader">State</span>
    </div>
  )
}

export function CampaignRow({ campaign }: { campaign: Campaign }) {
  // Where the list brings no counts, the rows in view (and only those) ask for their own.
  const details = useQuery({ ...campaignQuery(campaign.id), enabled: campaign.counts === null })
  const counts = campaign.counts ?? details.data?.counts ?? { not_started: campaign.numberCount }
  const progress = progressOf(counts)
  return (
    <div className={classes.columns}>
      <span role="gridcell" className={classes.name}>
        <Link
          to="/campaigns/$campaignId"
          params={{ campaignId: String(campaign.id) }}
          className={classes.link}
          tabIndex={-1}
        >
          {campaign.name}
        </Link>
        <span className={classes.service}>
          {campaign.service === 'PHONE' ? 'Calls' : 'Texts'} · {campaign.id}
        </span>
      </span>
      <span role="gridcell" className={classes.bar}>
        <SegmentedBar segments={progress.segments} total={progress.total} />
      </span>
      <span role="gridcell" className={classes.figure}>
        {formatCount(progress.done)} / {formatCount(progress.total)}
      </span>
      <span role="gridcell" className={classes.state}>
        <CampaignBadge status={campaign.status} />
      </span>
    </div>
  )
}
