import { useMutation, useQuery } from '@tanstack/react-query'
import { Drawer } from '@mantine/core'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { CallFacts } from './call-facts.tsx'
import { CallHistory } from './call-history.tsx'
import { wordOf } from './call-row.tsx'
import { hangUp } from './hang-up.ts'
import { HangUpButton } from './hang-up-button.tsx'
import { callQuery } from './read-call.ts'
import { Recording } from './recording.tsx'
import classes from './call-drawer.module.css'

interface CallDrawerProps {
  opened: boolean
  callId: string
  /** It was asked to close. */
  onClose: () => void
  /** It is gone. */
  onClosed: () => void
}

/** One call with its history, beside the board. Open while the URL names a call. */
export function CallDrawer({ opened, callId, onClose, onClosed }: CallDrawerProps) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      position="right"
      size={440}
      title="Call"
      closeButtonProps={{ 'aria-label': 'Close', size: 'lg' }}
      transitionProps={{ duration: 120 }}
    >
      <CallBody key={callId} callId={callId} />
    </Drawer>
  )
}

function CallBody({ callId }: { callId: string }) {
  const { data: call, error, refetch, isPending } = useQuery(callQuery(callId))
  const hanging = useMutation({ mutationFn: () => hangUp(callId), onSuccess: () => refetch() })
  if (isPending) return <LoadingRows rows={6} height={40} label="The call" />
  if (call === undefined)
    return <Fault error={error} title="This call could not be read." onRetry={() => void refetch()} />
  const open = ['queued', 'initiated', 'ringing', 'in_progress'].includes(call.status)
  return (
    <div className={classes.body}>
      <div>
        <p className={classes.number}>{call.to_number}</p>
        <p className={classes.state} role="status">
          <StateMark state={wordOf(call)} />
        </p>
      </div>
      <CallFacts call={call} />
      <Recording call={call} onDeleted={() => void refetch()} />
      {hanging.isError && <Fault error={hanging.error} title="The call could not be ended." />}
      {open && (
        <HangUpButton
          number={call.to_number}
          busy={hanging.isPending}
          asked={hanging.isSuccess}
          onHangUp={hanging.mutate}
        />
      )}
      <CallHistory call={call} />
    </div>
  )
}
