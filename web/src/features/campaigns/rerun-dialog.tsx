import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Group, Modal } from '@mantine/core'
import { formatCount, plural } from '../../lib/number-format.ts'
import { CheckBox } from '../../ui/check-box.tsx'
import { Fault } from '../../ui/fault.tsx'
import { lookOf } from '../../ui/state.ts'
import { beginCampaign } from './begin-campaign.ts'
import type { Campaign } from './campaign.ts'
import { MessageField } from './message-field.tsx'
import { unknownTags } from './message.ts'
import type { NumberStatus } from './progress.ts'
import { campaignKey } from './read-campaign.ts'
import classes from './composer.module.css'

const choices = ['unanswered', 'hungup', 'failed', 'terminated', 'skipped', 'completed'] as const
type Choice = (typeof choices)[number]

/** Which outcomes are called again; the button says how many people that is. */
export function RerunDialog(props: {
  campaign: Campaign
  opened: boolean
  onClose: () => void
  onClosed: () => void
}) {
  const { campaign } = props
  const client = useQueryClient()
  const count = (status: NumberStatus) => campaign.counts?.[status] ?? 0
  const fresh = count('not_started')
  const [chosen, setChosen] = useState<ReadonlySet<Choice>>(
    () =>
      new Set(choices.filter((one) => one !== 'completed' && one !== 'hungup' && count(one) > 0).slice(0, 1)),
  )
  const [message, setMessage] = useState(campaign.message ?? '')
  const people = choices.reduce((sum, one) => sum + (chosen.has(one) ? count(one) : 0), 0)
  const text = message.trim()
  const begin = useMutation({
    mutationFn: (status: readonly Choice[]) =>
      beginCampaign(campaign.id, {
        ...(text === '' ? {} : { message: text }),
        ...(status.length === 0 ? {} : { status: [...status] }),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: campaignKey(campaign.id) })
      props.onClose()
    },
  })
  const blocked = unknownTags(message, campaign.usableTags).length > 0
  const verb = campaign.service === 'SMS' ? 'Text' : 'Call'

  function toggle(one: Choice, on: boolean): void {
    const next = new Set(chosen)
    if (on) next.add(one)
    else next.delete(one)
    setChosen(next)
  }

  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      onExitTransitionEnd={props.onClosed}
      title={`${verb} again`}
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.stack}>
        <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
          <legend className={classes.label}>Those whose last outcome was</legend>
          {choices.map((one) => (
            <CheckBox
              key={one}
              checked={chosen.has(one)}
              disabled={count(one) === 0}
              onChange={(on) => toggle(one, on)}
            >
              {lookOf(one).word} <span className="numerals">({formatCount(count(one))})</span>
            </CheckBox>
          ))}
        </fieldset>
        <MessageField
          value={message}
          onChange={setMessage}
          tags={campaign.usableTags}
          description="As last time, unless you change it."
        />
        {begin.isError && <Fault error={begin.error} title="The campaign did not begin again." />}
        <Group gap="xs" justify="flex-end">
          {fresh > 0 && (
            <Button variant="default" disabled={blocked} onClick={() => begin.mutate([])}>
              {verb} the {plural(fresh, 'new one')}
            </Button>
          )}
          <Button
            disabled={people === 0 || blocked}
            loading={begin.isPending}
            onClick={() => begin.mutate([...chosen])}
          >
            {verb} {plural(people, 'person', 'people')} again
          </Button>
        </Group>
      </div>
    </Modal>
  )
}
