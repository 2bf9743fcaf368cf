import { useQuery } from '@tanstack/react-query'
import { plural, formatCount } from '../../lib/number-format.ts'
import type { CampaignImport } from '../../lib/api-types.ts'
import { isJobOver } from './campaign.ts'
import { importQuery } from './read-import.ts'
import classes from './import-notice.module.css'

/** What became of the file: how far it is, or what could not be taken from it. */
export function ImportNotice({ job }: { job: CampaignImport }) {
  if (!isJobOver(job.status)) return <ImportUnderWay jobId={job.id} />
  if (job.status !== 'done') {
    return (
      <p className={classes.notice} data-bad role="alert">
        The file was not read to its end: {job.error ?? job.status}. {plural(job.accepted, 'number')} of it
        are here.
      </p>
    )
  }
  const left = [
    ...(job.rejected > 0 ? [plural(job.rejected, 'row holds', 'rows hold') + ' no possible number'] : []),
    ...(job.duplicates > 0 ? [plural(job.duplicates, 'duplicate was', 'duplicates were') + ' merged'] : []),
  ]
  if (left.length === 0) return null
  return <p className={classes.notice}>From the file: {left.join('; ')}.</p>
}

/** It survives leaving the page, for it runs on the server. */
function ImportUnderWay({ jobId }: { jobId: number }) {
  const { data } = useQuery(importQuery(jobId))
  const done = data?.done ?? 0
  const total = data?.total ?? null
  return (
    <div className={classes.notice} role="status">
      <span className="numerals">
        Importing numbers: {formatCount(done)}
        {total === null ? ' so far' : ` of ${formatCount(total)}`}
      </span>
      <progress
        className={classes.bar}
        aria-label="Import"
        max={total ?? 1}
        {...(total === null ? {} : { value: done })}
      />
    </div>
  )
}
