import { useMutation } from '@tanstack/react-query'
import { Button, CopyButton, TextInput } from '@mantine/core'
import type { CallRequestDetail } from '../../lib/request-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { Panel } from '../../ui/page.tsx'
import { bookingLink } from './move-request.ts'
import classes from './requests.module.css'

/** The public page of this request, for a phone or for when one is not signed in. Whoever has the address acts as its party. */
export function LinkPanel({ request }: { request: CallRequestDetail }) {
  const link = useMutation({ mutationFn: () => bookingLink(request.id) })
  return (
    <Panel title="Answer without signing in">
      <p className={classes.quiet}>
        {request.side === null
          ? 'The user’s own page. Whoever has the address acts as the user.'
          : 'Your own page for this request. Whoever has the address acts as you.'}
      </p>
      {link.isError && <Fault error={link.error} title="No link was made." />}
      {link.data === undefined ? (
        <Button variant="default" size="xs" loading={link.isPending} onClick={() => link.mutate()}>
          Make the link
        </Button>
      ) : (
        <CopyButton value={link.data}>
          {({ copied, copy }) => (
            <div className={classes.link}>
              <TextInput aria-label="Address of the page" value={link.data} readOnly />
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            </div>
          )}
        </CopyButton>
      )}
    </Panel>
  )
}
