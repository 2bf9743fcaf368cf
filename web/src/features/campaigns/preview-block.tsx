import { useState } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import { plural } from '../../lib/number-format.ts'
import { formatSpan } from '../../lib/time-format.ts'
import { Panel } from '../../ui/page.tsx'
import { useSettled } from '../../ui/use-settled.ts'
import { previewQuery } from './checks.ts'
import type { Campaign } from './campaign.ts'
import type { RecipientPreview } from '../../lib/campaign-types.ts'
import classes from './composer.module.css'

/** What one person gets, and the one after that. */
export function PreviewBlock({ campaign, message }: { campaign: Campaign; message: string }) {
  const [numberId, setNumberId] = useState<number | null>(null)
  const asked = { message: useSettled(message.trim()), numberId }
  const { data, error, isError } = useQuery({
    ...previewQuery(campaign.id, asked),
    enabled: asked.message !== '',
    placeholderData: keepPreviousData,
  })
  if (asked.message === '') return null
  return (
    <Panel title="For one of them">
      {isError && <p className={classes.problem}>{problemOf(error).sentence}</p>}
      {data && !isError && <OnePreview preview={data} onTurn={setNumberId} />}
    </Panel>
  )
}

function OnePreview({ preview, onTurn }: { preview: RecipientPreview; onTurn: (id: number | null) => void }) {
  const isText = preview.seconds === null
  return (
    <>
      <div className={classes.turn}>
        <Button
          variant="default"
          size="xs"
          disabled={preview.previous_number_id === null}
          onClick={() => onTurn(preview.previous_number_id)}
        >
          ‹ Before
        </Button>
        <strong className="numerals">{preview.e164 ?? preview.number ?? 'Nobody yet'}</strong>
        <Button
          variant="default"
          size="xs"
          disabled={preview.next_number_id === null}
          onClick={() => onTurn(preview.next_number_id)}
        >
          Next ›
        </Button>
      </div>
      <p className={classes.said}>
        {preview.parts.map((part, index) =>
          'text' in part ? (
            <span key={index}>{part.text}</span>
          ) : (
            <mark key={index} className={classes.filled} data-from={part.from}>
              {part.from === 'missing' ? `{${part.tag}}` : part.value}
            </mark>
          ),
        )}
      </p>
      <p className={classes.aside}>
        {preview.missing.length > 0
          ? `Set aside: no value for ${preview.missing.map((tag) => `{${tag}}`).join(', ')}. `
          : ''}
        {isText
          ? `${plural(preview.segments, 'segment')}, ${preview.encoding}. `
          : `About ${formatSpan(preview.seconds ?? 0)}. `}
        {plural(preview.cost, 'credit')}. {whyNot(preview)}
      </p>
    </>
  )
}

function whyNot({ may_call: mayCall }: RecipientPreview): string {
  return mayCall === null || mayCall.ok ? '' : `Not now: ${(mayCall.reason ?? '').replace(/_/g, ' ')}.`
}
