import { Skeleton } from '@mantine/core'
import type { CampaignNumber } from '../../lib/api-types.ts'
import { formatTalk } from '../../lib/time-format.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import classes from './number-row.module.css'

export function NumberHead({ tags }: { tags: readonly string[] }) {
  return (
    <div className={classes.columns}>
      <span role="columnheader">Number</span>
      <span role="columnheader">Status</span>
      <span role="columnheader" className={classes.tags}>
        {tags.length > 0 ? 'Tags' : 'Reason'}
      </span>
      <span role="columnheader" className={classes.figure}>
        Talked
      </span>
      <span role="columnheader" className={classes.figure}>
        Heard
      </span>
    </div>
  )
}

/** A number of the list; a grey line while its page is on its way. */
export function NumberRow({ number, tags }: { number: CampaignNumber | undefined; tags: readonly string[] }) {
  if (number === undefined) {
    return (
      <div className={classes.columns} role="gridcell" aria-busy="true">
        <Skeleton height={10} width="70%" />
      </div>
    )
  }
  const words = tags
    .map((tag) => number.available_tags[tag])
    .filter((value) => value !== undefined && value !== '')
  return (
    <div className={classes.columns}>
      <span role="gridcell" className={classes.number}>
        {number.e164 ?? number.number ?? number.given}
      </span>
      <span role="gridcell">
        <StateMark state={number.status} />
      </span>
      <span role="gridcell" className={classes.tags}>
        {number.reason ? number.reason.replace(/_/g, ' ') : words.join(' · ')}
      </span>
      <span role="gridcell" className={classes.figure}>
        {number.duration > 0 ? formatTalk(number.duration) : '–'}
      </span>
      <span role="gridcell" className={classes.figure}>
        {number.playback > 0 ? formatTalk(number.playback) : '–'}
      </span>
    </div>
  )
}
