import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import type { OtpEntry } from '../../lib/number-types.ts'
import { formatCount, plural } from '../../lib/number-format.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Panel } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { lookOf } from '../../ui/state.ts'
import type { ChosenCode } from './otp-page.tsx'
import { otpQuery } from './read-otp.ts'
import classes from './otp.module.css'

interface OtpLogProps {
  page: number
  onPage: (page: number | undefined) => void
  onVerify: (code: ChosenCode) => void
}

/** What became of each code. Numbers are masked, and there is no code in it. */
export function OtpLog({ page, onPage, onVerify }: OtpLogProps) {
  const { data, error, isError, refetch } = useQuery({ ...otpQuery(page), placeholderData: keepPreviousData })
  const pages = data?.pagination.total_pages ?? 1
  return (
    <Panel title="Sent codes">
      {isError && <Fault error={error} title="The log could not be read." onRetry={() => void refetch()} />}
      {data === undefined && !isError && <LoadingRows rows={4} height={56} label="The log" />}
      {data?.otp_lists.length === 0 && (
        <Empty>No code was sent yet. Programs send them with POST /api/system/send/otp.</Empty>
      )}
      <ul className={classes.list}>
        {data?.otp_lists.map((entry) => (
          <Row key={entry.otp_id} entry={entry} onVerify={onVerify} />
        ))}
      </ul>
      {pages > 1 && (
        <Group component="nav" aria-label="Pages" justify="center">
          <Button
            variant="default"
            disabled={page <= 1}
            onClick={() => onPage(page === 2 ? undefined : page - 1)}
          >
            Newer
          </Button>
          <span className="numerals">
            Page {formatCount(page)} of {formatCount(pages)}
          </span>
          <Button variant="default" disabled={page >= pages} onClick={() => onPage(page + 1)}>
            Older
          </Button>
        </Group>
      )}
    </Panel>
  )
}

function Row({ entry, onVerify }: { entry: OtpEntry; onVerify: (code: ChosenCode) => void }) {
  const { delivery, reason } = entry
  const facts = [
    entry.sms_send_options === 'voice' ? 'by voice' : 'by text',
    ...(delivery === null ? [] : [lookOf(delivery).word.toLowerCase()]),
    ...(reason === null ? [] : [reason.replaceAll('_', ' ')]),
    ...(entry.sends > 1 ? [`sent ${entry.sends} times`] : []),
    ...(entry.attempts > 0 ? [plural(entry.attempts, 'try', 'tries')] : []),
  ]
  return (
    <li className={classes.entry}>
      <span className={classes.facts}>
        <strong className="numerals">{entry.number}</strong>
        <span className={classes.quiet}>{facts.join(' · ')}</span>
      </span>
      <span className={classes.message}>{entry.message}</span>
      <StateMark state={entry.status} />
      <span className={classes.when}>
        <ClockTime iso={entry.sent} />
      </span>
      <span className={classes.act}>
        {entry.status === 'live' && entry.purpose === 'program' && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Verify the code sent to ${entry.number}`}
            onClick={() => onVerify({ otpId: entry.otp_id, number: entry.number })}
          >
            Verify
          </Button>
        )}
        {entry.purpose === 'phone' && <span className={classes.quiet}>Own phone</span>}
      </span>
    </li>
  )
}
