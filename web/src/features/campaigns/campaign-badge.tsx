import {
  IconCalendarClock,
  IconCheck,
  IconCircleDashed,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconSquareFilled,
  type Icon,
} from '@tabler/icons-react'
import type { CampaignStatus } from './campaign.ts'
import classes from './campaign-badge.module.css'

const looks: Record<CampaignStatus, { icon: Icon; color: string }> = {
  'Not Started': { icon: IconCircleDashed, color: 'var(--state-pending)' },
  Scheduled: { icon: IconCalendarClock, color: 'var(--state-ringing)' },
  Running: { icon: IconPlayerPlayFilled, color: 'var(--state-in-progress)' },
  Paused: { icon: IconPlayerPauseFilled, color: 'var(--state-hungup)' },
  Completed: { icon: IconCheck, color: 'var(--state-completed)' },
  Terminated: { icon: IconSquareFilled, color: 'var(--state-terminated)' },
}

export function CampaignBadge({ status }: { status: CampaignStatus }) {
  const { icon: Icon, color } = looks[status]
  return (
    <span className={classes.badge}>
      <Icon size={14} stroke={2.4} color={color} aria-hidden />
      {status}
    </span>
  )
}
