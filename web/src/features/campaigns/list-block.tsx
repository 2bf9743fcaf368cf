import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from '@mantine/core'
import { answered, api } from '../../lib/api.ts'
import { formatCount, plural } from '../../lib/number-format.ts'
import { Panel } from '../../ui/page.tsx'
import { isImporting, type Campaign } from './campaign.ts'
import { ImportNotice } from './import-notice.tsx'
import { progressOf } from './progress.ts'
import { importErrorsQuery } from './read-import.ts'
import { campaignKey } from './read-campaign.ts'
import classes from './composer.module.css'

/** The list once it is there: how many can be called, what is wrong with the others, and how far its import is. */
export function ListBlock({ campaign }: { campaign: Campaign }) {
  const { left, invalid } = progressOf(campaign.counts ?? { not_started: campaign.numberCount })
  return (
    <Panel title="1 · Who">
      <p className={classes.sum}>
        <strong>{campaign.name}</strong>: {plural(left, 'person', 'people')} to{' '}
        {campaign.service === 'SMS' ? 'text' : 'call'}
        {invalid > 0 && `, ${formatCount(invalid)} with no possible number`}.{' '}
        <Link to="/campaigns/$campaignId" params={{ campaignId: String(campaign.id) }}>
          See the list
        </Link>
      </p>
      {campaign.import && <ImportNotice job={campaign.import} />}
      {campaign.import && isImporting(campaign) && (
        <CancelImport jobId={campaign.import.id} campaignId={campaign.id} />
      )}
      {campaign.import && campaign.import.rejected > 0 && !isImporting(campaign) && (
        <Problems jobId={campaign.import.id} />
      )}
      {campaign.usableTags.length > 0 && (
        <p className={classes.aside}>
          Its columns: {campaign.usableTags.map((tag) => `{${tag}}`).join(', ')}
        </p>
      )}
    </Panel>
  )
}

function CancelImport({ jobId, campaignId }: { jobId: number; campaignId: number }) {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => answered(api.POST('/api/jobs/{id}/cancel/', { params: { path: { id: jobId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: campaignKey(campaignId) }),
  })
  return (
    <div>
      <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel the import
      </Button>{' '}
      <span className={classes.aside}>What is in stays in.</span>
    </div>
  )
}

const shownAtFirst = 5

/** The rows that were wrong, and where all of them can be had. */
function Problems({ jobId }: { jobId: number }) {
  const errors = useQuery(importErrorsQuery(jobId)).data ?? []
  const [all, setAll] = useState(false)
  if (errors.length === 0) return null
  const shown = all ? errors : errors.slice(0, shownAtFirst)
  return (
    <section aria-label="Problems of the sheet">
      <ul className={classes.problems}>
        {shown.map(({ row, given, error }) => (
          <li key={row}>
            <span className="numerals">Row {formatCount(row)}</span>
            <code>{given === '' ? '(empty)' : given}</code>
            <span>{error.replace(/_/g, ' ')}</span>
          </li>
        ))}
      </ul>
      <p className={classes.links}>
        {errors.length > shownAtFirst && (
          <Button variant="default" size="xs" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show ${formatCount(errors.length)}`}
          </Button>
        )}
        <a href={`/api/jobs/${jobId}/errors/?format=xlsx`} download>
          All of them as a sheet, to correct
        </a>
        <a href={`/api/jobs/${jobId}/errors/?format=csv`} download>
          as CSV
        </a>
      </p>
    </section>
  )
}
