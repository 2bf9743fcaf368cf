import { Button, Group, Modal } from '@mantine/core'
import { formatCount } from '../../lib/number-format.ts'
import type { Campaign } from './campaign.ts'
import { progressOf } from './progress.ts'

/** Asks once more: a stopped run cannot be resumed. */
export function StopDialog(props: {
  campaign: Campaign
  opened: boolean
  busy: boolean
  onStop: () => void
  onClose: () => void
  onClosed: () => void
}) {
  const { left } = progressOf(props.campaign.counts ?? {})
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      onExitTransitionEnd={props.onClosed}
      title="Stop this campaign?"
      centered
    >
      <p>
        {formatCount(left)} of its numbers were not called yet; they become terminated. Calls under way end
        normally. A stopped run cannot be resumed.
      </p>
      <Group gap="xs" mt="md" justify="flex-end">
        <Button variant="default" onClick={props.onClose} data-autofocus>
          Keep it
        </Button>
        <Button color="red" loading={props.busy} onClick={props.onStop}>
          Stop it
        </Button>
      </Group>
    </Modal>
  )
}
