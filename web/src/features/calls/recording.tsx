import { useMutation } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { answered, api } from '../../lib/api.ts'
import type { CallDetail } from '../../lib/api-types.ts'
import { formatTalk } from '../../lib/time-format.ts'
import { Fault } from '../../ui/fault.tsx'
import classes from './recording.module.css'

/** What was recorded of a call: it can be heard, and deleted for good. */
export function Recording({ call, onDeleted }: { call: CallDetail; onDeleted: () => void }) {
  const remove = useMutation({
    mutationFn: () =>
      answered(
        api.DELETE('/api/calls/{call_id}/recording/', { params: { path: { call_id: call.call_id } } }),
      ),
    onSuccess: onDeleted,
  })
  const { recording } = call
  if (!recording) return null
  if (recording.url === null) return <p className={classes.gone}>Its recording was deleted.</p>
  return (
    <section aria-label="Recording" className={classes.recording}>
      <audio controls preload="none" src={recording.url} aria-label="The recording" />
      <span className="numerals">{formatTalk(recording.duration)}</span>
      <Button variant="default" size="xs" loading={remove.isPending} onClick={() => remove.mutate()}>
        Delete the recording
      </Button>
      {remove.isError && <Fault error={remove.error} title="The recording was not deleted." />}
    </section>
  )
}
