import { useProductNow } from '../../lib/product-time.ts'
import type { CallRequestDetail } from '../../lib/request-types.ts'
import { clockWords, dayWords } from '../../lib/zone-words.ts'
import { ClockTime } from '../../ui/clock-time.tsx'
import { Panel } from '../../ui/page.tsx'
import { meOf, nameOf, otherOf, timesOf } from './request.ts'
import classes from './requests.module.css'

/** Every round, in the lane of whoever suggested it. The agreed time is filled. */
export function Negotiation({ request }: { request: CallRequestDetail }) {
  const now = useProductNow()
  const [me, other] = [meOf(request), otherOf(request)]
  return (
    <Panel title="Negotiation">
      {request.times.length === 0 && <p className={classes.quiet}>No times were suggested yet.</p>}
      <ol className={classes.rounds}>
        {request.times.map((proposal, index) => (
          <li key={proposal.timestamp} data-mine={proposal.user.id === me.id || undefined}>
            <span className={classes.quiet}>
              Round {index + 1} ·{' '}
              {proposal.user.id === me.id && request.side !== null ? 'You' : nameOf(proposal.user)} ·{' '}
              <ClockTime iso={proposal.timestamp} />
            </span>
            <ul className={classes.chips}>
              {timesOf(proposal).map((iso) => (
                <li
                  key={iso}
                  className={classes.chip}
                  data-agreed={iso === request.agreed_time || undefined}
                  data-past={Date.parse(iso) <= now || undefined}
                >
                  <b>
                    {dayWords(iso, me.timezone)}, {clockWords(iso, me.timezone)}
                  </b>
                  <span>
                    {clockWords(iso, other.timezone)} for {other.first_name || nameOf(other)}
                  </span>
                  {iso === request.agreed_time && <span className="unseen">agreed</span>}
                  {Date.parse(iso) <= now && <span className="unseen">has passed</span>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
