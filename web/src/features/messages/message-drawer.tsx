import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Drawer } from '@mantine/core'
import type { MessageDetail } from '../../lib/api-types.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { MessageHistory } from './message-history.tsx'
import { messageQuery } from './read-message.ts'
import classes from './message-drawer.module.css'

interface MessageDrawerProps {
  opened: boolean
  messageId: string
  /** It was asked to close. */
  onClose: () => void
  /** It is gone. */
  onClosed: () => void
}

/** One text with its delivery history, beside the list. Open while the URL names a text. */
export function MessageDrawer({ opened, messageId, onClose, onClosed }: MessageDrawerProps) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      position="right"
      size={440}
      title="Text"
      closeButtonProps={{ 'aria-label': 'Close', size: 'lg' }}
      transitionProps={{ duration: 120 }}
    >
      <MessageBody key={messageId} messageId={messageId} />
    </Drawer>
  )
}

function MessageBody({ messageId }: { messageId: string }) {
  const { data: message, error, refetch, isPending } = useQuery(messageQuery(messageId))
  if (isPending) return <LoadingRows rows={6} height={40} label="The text" />
  if (message === undefined)
    return <Fault error={error} title="This text could not be read." onRetry={() => void refetch()} />
  return (
    <div className={classes.body}>
      <div>
        <p className={classes.number}>{message.to_number}</p>
        <p className={classes.state} role="status">
          <StateMark state={message.state} />
        </p>
      </div>
      <blockquote className={classes.words}>{message.body}</blockquote>
      <MessageFacts message={message} />
      <MessageHistory message={message} />
      {message.next_message_id !== null && (
        <p>
          Nothing was sent by this attempt.{' '}
          <Link
            to="/messages"
            from="/messages"
            search={(old) => ({ ...old, message: message.next_message_id ?? undefined })}
          >
            The next one
          </Link>{' '}
          followed.
        </p>
      )}
    </div>
  )
}

function MessageFacts({ message }: { message: MessageDetail }) {
  const parts = message.segments === 1 ? '1 segment' : `${message.segments} segments`
  return (
    <dl className={classes.facts}>
      <Fact name="From">{message.from_number}</Fact>
      <Fact name="Length">
        {parts} · {message.encoding}
      </Fact>
      <Fact name="Lane">{message.lane}</Fact>
      {message.campaign_id !== null && (
        <Fact name="Campaign">
          <Link to="/campaigns/$campaignId" params={{ campaignId: String(message.campaign_id) }}>
            Campaign {message.campaign_id}
          </Link>
        </Fact>
      )}
      <Fact name="Created">
        <ClockTime iso={message.created_at} />
      </Fact>
      <Fact name="Sent">{message.sent_at === null ? 'Not yet' : <ClockTime iso={message.sent_at} />}</Fact>
      {message.due_at !== null && (
        <Fact name="Not before">
          <ClockTime iso={message.due_at} />
        </Fact>
      )}
      {message.reason !== null && <Fact name="Reason">{message.reason.replace(/_/g, ' ')}</Fact>}
      {message.message_sid !== null && (
        <Fact name="At the carrier">
          <code>{message.message_sid}</code>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
