import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, FileInput, Group, Textarea, TextInput } from '@mantine/core'
import { IconFileSpreadsheet } from '@tabler/icons-react'
import { problemOf } from '../../lib/api-error.ts'
import { writeDraft } from '../../lib/draft.ts'
import { plural } from '../../lib/number-format.ts'
import { Fault } from '../../ui/fault.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { createCampaign } from './create-campaign.ts'
import { splitNumbers } from './message.ts'
import { MessageField } from './message-field.tsx'
import { sample } from './sample.ts'
import classes from './new-campaign-page.module.css'

interface NewCampaignPageProps {
  /** Begin with a list and a message that are ready to be rehearsed. */
  startWithSample: boolean
}

/** Who is called and what they hear. Making a campaign calls nobody: its page has the button that does. */
export function NewCampaignPage({ startWithSample }: NewCampaignPageProps) {
  const navigate = useNavigate()
  const [name, setName] = useState(startWithSample ? sample.name : '')
  const [pasted, setPasted] = useState(startWithSample ? sample.numbers.join('\n') : '')
  const [file, setFile] = useState<File | null>(null)
  const [message, setMessage] = useState(startWithSample ? sample.message : '')
  const [missing, setMissing] = useState<{ name?: string; numbers?: string }>({})
  const numbers = splitNumbers(pasted)
  const create = useMutation({
    mutationFn: () => createCampaign({ name: name.trim(), numbers, file }),
    onSuccess: (campaign) => {
      writeDraft(`message of campaign ${campaign.id}`, message)
      return navigate({ to: '/campaigns/$campaignId', params: { campaignId: String(campaign.id) } })
    },
  })
  const refused = create.isError ? problemOf(create.error).fields : undefined

  function submit(event: React.FormEvent): void {
    event.preventDefault()
    const found = {
      ...(name.trim() === '' ? { name: 'Give it a name.' } : {}),
      ...(numbers.length === 0 && file === null ? { numbers: 'Paste some numbers, or choose a file.' } : {}),
    }
    setMissing(found)
    if (Object.keys(found).length === 0) create.mutate()
  }

  function useSample(): void {
    setName(sample.name)
    setPasted(sample.numbers.join('\n'))
    setMessage(sample.message)
    setFile(null)
  }

  return (
    <Page
      title="New campaign"
      actions={
        <Button variant="default" onClick={useSample}>
          Fill in a sample
        </Button>
      }
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        <Panel title="Who">
          <TextInput
            label="Name"
            withAsterisk
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={missing.name ?? refused?.['name']}
          />
          <div className={classes.sources}>
            <Textarea
              label="Numbers"
              description="One per line, or parted by commas."
              rows={7}
              disabled={file !== null}
              value={pasted}
              onChange={(event) => setPasted(event.currentTarget.value)}
              error={missing.numbers ?? refused?.['individual_number']}
              classNames={{ input: 'numerals' }}
            />
            <div>
              <FileInput
                label="Or a sheet"
                description="CSV or XLSX with a header row; other columns become tags for the message."
                placeholder="Choose a file"
                accept=".csv,.xlsx,text/csv"
                clearable
                clearButtonProps={{ 'aria-label': 'Take the file away' }}
                leftSection={<IconFileSpreadsheet size={18} aria-hidden />}
                value={file}
                onChange={setFile}
                error={refused?.['send_to_number_file']}
              />
              <p className={classes.count} role="status">
                {file === null
                  ? `${plural(numbers.length, 'number')} in the list`
                  : `${Math.ceil(file.size / 1024)} kB, read when you go on`}
              </p>
            </div>
          </div>
        </Panel>
        <Panel title="What">
          <MessageField
            value={message}
            onChange={setMessage}
            tags={file === null ? [] : null}
            error={refused?.['message']}
          />
        </Panel>
        {create.isError && <Fault error={create.error} title="The campaign was not made." />}
        <Group gap="sm">
          <Button type="submit" size="md" loading={create.isPending}>
            Check the numbers
          </Button>
          <span className={classes.promise}>Nobody is called yet: you begin on the next page.</span>
        </Group>
      </form>
    </Page>
  )
}
