import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { IconFileSpreadsheet } from '@tabler/icons-react'
import { problemOf } from '../../lib/api-error.ts'
import { plural } from '../../lib/number-format.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import type { Campaign } from './campaign.ts'
import type { Composition } from './composition.ts'
import { createCampaign } from './create-campaign.ts'
import { filesKey, isSound, uploadFile } from './files.ts'
import { ListPreview } from './list-preview.tsx'
import { splitNumbers } from './message.ts'
import { campaignsKey } from './read-campaigns.ts'
import classes from './composer.module.css'

interface WhoBlockProps {
  composed: Composition
  onChange: (change: Partial<Composition>) => void
  /** The list is there: everything else can be checked against it. */
  onMade: (campaign: Campaign) => void
}

/** Whom it is for: numbers that are pasted, or a sheet, which is shown as it will be read before anything is made of it. */
export function WhoBlock({ composed, onChange, onMade }: WhoBlockProps) {
  const client = useQueryClient()
  const [missing, setMissing] = useState<{ name?: string; numbers?: string }>({})
  const numbers = splitNumbers(composed.pasted)
  const [numberColumn, setNumberColumn] = useState<number | null>(null)
  const upload = useMutation({
    mutationFn: uploadFile,
    onSuccess: (file) => {
      setNumberColumn(null)
      if (composed.name.trim() === '') onChange({ name: file.name.replace(/\.\w+$/, '') })
      return client.invalidateQueries({ queryKey: filesKey })
    },
  })
  const list = upload.data !== undefined && !isSound(upload.data) ? upload.data : null
  const create = useMutation({
    mutationFn: () =>
      createCampaign({
        name: composed.name.trim(),
        service: composed.service,
        numbers: list === null ? numbers : [],
        fileId: list?.id ?? null,
        numberColumn,
      }),
    onSuccess: (campaign) => {
      void client.invalidateQueries({ queryKey: campaignsKey })
      onMade(campaign)
    },
  })
  const refused = create.isError ? problemOf(create.error).fields : undefined

  function make(): void {
    const found = {
      ...(composed.name.trim() === '' ? { name: 'Give it a name.' } : {}),
      ...(numbers.length === 0 && list === null ? { numbers: 'Paste some numbers, or choose a sheet.' } : {}),
    }
    setMissing(found)
    if (Object.keys(found).length === 0) create.mutate()
  }

  return (
    <Panel title="1 · Who">
      <div className={classes.pair}>
        <TextInput
          label="Name"
          withAsterisk
          value={composed.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          error={missing.name ?? refused?.['name']}
        />
        <div>
          <p className={classes.label}>They get</p>
          <SegmentedControl
            aria-label="They get"
            value={composed.service}
            onChange={(service) => onChange({ service: service === 'SMS' ? 'SMS' : 'PHONE' })}
            data={[
              { value: 'PHONE', label: 'A call' },
              { value: 'SMS', label: 'A text' },
            ]}
          />
        </div>
      </div>
      <div className={classes.pair}>
        <Textarea
          label="Numbers"
          description="One per line, or parted by commas."
          rows={6}
          disabled={list !== null}
          value={composed.pasted}
          onChange={(event) => onChange({ pasted: event.currentTarget.value })}
          error={missing.numbers ?? refused?.['individual_number']}
          classNames={{ input: 'numerals' }}
        />
        <SheetDrop
          busy={upload.isPending}
          onFile={(file) => upload.mutate(file)}
          note={list === null ? `${plural(numbers.length, 'number')} pasted` : list.name}
        />
      </div>
      {upload.isError && <Fault error={upload.error} title="The sheet could not be read." />}
      {upload.data !== undefined && isSound(upload.data) && (
        <p role="alert" className={classes.problem}>
          “{upload.data.name}” is a sound. It is in the library now; choose it below.
        </p>
      )}
      {list !== null && (
        <ListPreview
          file={list}
          numberColumn={numberColumn}
          onNumberColumn={setNumberColumn}
          onDrop={() => upload.reset()}
        />
      )}
      {create.isError && <Fault error={create.error} title="The campaign was not made." />}
      <Group gap="sm">
        <Button size="md" loading={create.isPending} onClick={make}>
          {list === null ? `Use ${plural(numbers.length, 'number')}` : `Use ${plural(list.rows, 'row')}`}
        </Button>
        <span className={classes.aside}>Nobody is called yet: that is the last step of this page.</span>
      </Group>
    </Panel>
  )
}

/** A place to drop a sheet on; a click opens the usual dialog. */
function SheetDrop(props: { busy: boolean; note: string; onFile: (file: File) => void }) {
  const [over, setOver] = useState(false)
  return (
    <label
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        const file = event.dataTransfer.files[0]
        if (file) props.onFile(file)
      }}
    >
      <IconFileSpreadsheet size={26} stroke={1.6} aria-hidden />
      <strong>{props.busy ? 'Reading the sheet…' : 'Or drop a sheet here'}</strong>
      <span>CSV or XLSX. Other columns become tags for the message.</span>
      <input
        type="file"
        className="unseen"
        aria-label="A sheet of numbers"
        accept=".csv,.xlsx,.txt,text/csv"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          if (file) props.onFile(file)
          event.currentTarget.value = ''
        }}
      />
      <span role="status" className="numerals">
        {props.note}
      </span>
    </label>
  )
}
