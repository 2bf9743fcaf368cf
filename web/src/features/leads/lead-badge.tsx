import { IconPhoneOff } from '@tabler/icons-react'
import { wordsOf } from './lead.ts'
import classes from './leads.module.css'

export function LeadBadge({ status, blocked }: { status: string; blocked: boolean }) {
  return (
    <span className={classes.badges}>
      <span className={classes.badge}>{wordsOf(status)}</span>
      {blocked && (
        <span className={classes.blocked}>
          <IconPhoneOff size={14} aria-hidden /> Do not call
        </span>
      )}
    </span>
  )
}
