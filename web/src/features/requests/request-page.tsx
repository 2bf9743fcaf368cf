import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { formatSpan } from '../../lib/time-format.ts'
import { useProductNow } from '../../lib/product-time.ts'
import type { CallRequestDetail } from '../../lib/request-types.ts'
import { clockWords, dayWords, placeWords } from '../../lib/zone-words.ts'
import { Fault } from '../../ui/fault.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Page, Panel } from '../../ui/page.tsx'
import { AnswerPanel } from './answer-panel.tsx'
import { BothClocks } from './both-clocks.tsx'
import { LinkPanel } from './link-panel.tsx'
import { Negotiation } from './negotiation.tsx'
import { requestQuery } from './read-requests.ts'
import { meOf, nameOf, otherOf, stageWords, stateSentence } from './request.ts'
import classes from './requests.module.css'

/** One request: both clocks, what was suggested, and what may be done now. */
export function RequestPage({ requestId }: { requestId: number }) {
  const { data, error, isError, refetch } = useQuery(requestQuery(requestId))
  if (data === undefined) {
    return (
      <Page title="Request" trail={<Trail />}>
        {isError ? (
          <Fault error={error} title="The request could not be read." onRetry={() => void refetch()} />
        ) : (
          <LoadingRows rows={4} height={64} label="The request" />
        )}
      </Page>
    )
  }
  return (
    <Page
      title={`Call with ${nameOf(otherOf(data))}`}
      trail={<Trail />}
      badge={<span className={classes.badge}>{stageWords[data.stage]}</span>}
    >
      <Clocks request={data} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Panel title="Where it stands">
            <p>{stateSentence(data)}</p>
            {data.agreed_time !== null && data.status === 'a' && <Agreed request={data} />}
            <p className={classes.topic}>{data.message}</p>
            <p className={classes.quiet}>{data.estimated_length} minutes</p>
          </Panel>
          <AnswerPanel request={data} />
        </div>
        <div className={classes.column}>
          <Negotiation request={data} />
          {(data.status === 'o' || data.status === 'a') && <LinkPanel request={data} />}
        </div>
      </div>
    </Page>
  )
}

function Trail() {
  return <Link to="/requests">Requests</Link>
}

/** What the clocks of both show just now. */
function Clocks({ request }: { request: CallRequestDetail }) {
  const now = useProductNow()
  const people = [
    { word: request.side === null ? nameOf(request.hero_person) : 'You', person: meOf(request) },
    { word: nameOf(otherOf(request)), person: otherOf(request) },
  ]
  return (
    <section className={classes.both} aria-label="Both clocks">
      {people.map(({ word, person }) => (
        <div key={person.id}>
          <span className={classes.quiet}>{word}</span>
          <b className="numerals">{clockWords(now, person.timezone)}</b>
          <span className={classes.quiet}>
            {dayWords(now, person.timezone)} · {placeWords(now, person.timezone)}
          </span>
        </div>
      ))}
    </section>
  )
}

function Agreed({ request }: { request: CallRequestDetail }) {
  const now = useProductNow()
  const { agreed_time: at, remind_time: remindAt } = request
  const [me, other] = [meOf(request), otherOf(request)]
  const name = other.first_name || nameOf(other)
  if (at === null) return null
  const leftMs = Date.parse(at) - now
  return (
    <div className={classes.agreed}>
      <BothClocks iso={at} mine={me.timezone} theirs={other.timezone} name={name} now={now} />
      {leftMs > 0 && request.outcome === null && (
        <p className={classes.quiet}>
          In {formatSpan(leftMs / 1_000)}.
          {remindAt !== null &&
            ` Reminder by text at ${clockWords(remindAt, me.timezone)} your time, ${clockWords(remindAt, other.timezone)} for ${name}.`}
        </p>
      )}
      <Button
        component="a"
        variant="default"
        size="xs"
        href={`/api/v1/call-requests/${request.id}/calendar.ics`}
      >
        Add to calendar
      </Button>
    </div>
  )
}
