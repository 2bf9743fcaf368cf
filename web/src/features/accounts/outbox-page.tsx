import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { Button, Group } from '@mantine/core'
import { answered, api } from '../../lib/api.ts'
import type { Mail } from '../../lib/request-types.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page } from '../../ui/page.tsx'
import classes from './account.module.css'

const pageSize = 20
const stateWords: Record<Mail['state'], string> = {
  waiting: 'Waiting',
  sending: 'Being sent',
  sent: 'Sent',
  kept: 'Kept here',
  failed: 'Failed',
}

function outboxQuery(page: number) {
  return queryOptions({
    queryKey: ['outbox', page] as const,
    queryFn: ({ signal }) =>
      answered(api.GET('/api/outbox/', { params: { query: { page, page_size: pageSize } }, signal })),
  })
}

/** What was mailed. Without SMTP nothing is sent, and this is where people find what would have been. */
export function OutboxPage({ page, onPage }: { page: number; onPage: (page: number) => void }) {
  const { data, error, isError, refetch } = useQuery({
    ...outboxQuery(page),
    placeholderData: keepPreviousData,
  })
  const pages = Math.max(1, Math.ceil((data?.count ?? 0) / pageSize))
  const isKept = data?.results.some((mail) => mail.state === 'kept') === true
  return (
    <Page title="Outbox">
      {isKept && (
        <p className={classes.quiet}>
          Mail that is kept here was not sent: no SMTP server is configured. Set SMTP_URL to send mail.
        </p>
      )}
      {isError && <Fault error={error} title="The mail could not be read." onRetry={() => void refetch()} />}
      {data === undefined && !isError && <LoadingRows rows={5} height={56} label="Mail" />}
      {data?.results.length === 0 && <Empty>No mail yet. Codes, requests and agreements are mailed.</Empty>}
      <ul className={classes.mails}>
        {data?.results.map((mail) => (
          <li key={mail.id}>
            <MailEntry mail={mail} />
          </li>
        ))}
      </ul>
      {pages > 1 && (
        <Group component="nav" aria-label="Pages" justify="center" gap="sm">
          <Button variant="default" disabled={page <= 1} onClick={() => onPage(page - 1)}>
            Newer
          </Button>
          <span className="numerals">
            Page {page} of {pages}
          </span>
          <Button variant="default" disabled={page >= pages} onClick={() => onPage(page + 1)}>
            Older
          </Button>
        </Group>
      )}
    </Page>
  )
}

function MailEntry({ mail }: { mail: Mail }) {
  return (
    <details className={classes.mail}>
      <summary>
        <span className={classes.subject}>{mail.subject}</span>
        <span className={classes.quiet}>
          {mail.to} · {stateWords[mail.state]} · <ClockTime iso={mail.created} />
        </span>
      </summary>
      {mail.reason !== null && <p className={classes.failed}>{mail.reason}</p>}
      <pre className={classes.body}>{mail.body}</pre>
    </details>
  )
}
