import { Button, CopyButton } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { problemOf } from '../lib/api-error.ts'
import classes from './fault.module.css'

/** What went wrong, what can be done, and the number under which the server's log knows it. */
export function Fault(props: { error: unknown; title: string; onRetry?: (() => void) | undefined }) {
  const { sentence, requestId, status } = problemOf(props.error)
  return (
    <div className={classes.fault} role="alert">
      <IconAlertTriangle size={20} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <p className={classes.title}>{props.title}</p>
        <p>{sentence}</p>
        {status === 0 && (
          <p className={classes.hint}>Is the server running? The page tries again by itself.</p>
        )}
        {requestId !== undefined && <RequestId id={requestId} />}
      </div>
      {props.onRetry && (
        <Button variant="default" size="xs" onClick={props.onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

function RequestId({ id }: { id: string }) {
  return (
    <p className={classes.request}>
      Request <code>{id}</code>
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <button type="button" className={classes.copy} onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
            <span className="unseen"> request id</span>
          </button>
        )}
      </CopyButton>
    </p>
  )
}
