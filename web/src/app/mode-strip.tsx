import { useQuery } from '@tanstack/react-query'
import { modeQuery } from '../lib/read-mode.ts'
import classes from './mode-strip.module.css'

/** Why the carrier's account rests, in words. */
const pauses: Record<string, string> = {
  credentials: 'the carrier refuses our credentials',
  away: 'the carrier cannot be reached',
  busy: 'the carrier asked us to wait',
  unclear: 'the carrier gives no clear answers',
  restored: 'this database was restored from a backup (npx trunkline hold)',
}

/** Says at all times whether phones ring, and why not when they should. Its height is reserved, and it never moves. */
export function ModeStrip() {
  const { data } = useQuery(modeQuery)
  if (data === undefined) return <div className={classes.strip} />
  const live = data.carrier === 'live'
  const paused = data.dialing.blocked_reason
  return (
    <div className={classes.strip} data-mode={data.carrier} role="note" aria-label="Mode">
      <span className={classes.words}>
        {live ? (
          <>
            <strong>LIVE</strong> — carrier {data.carrier_name}
          </>
        ) : (
          <>
            <strong>REHEARSAL</strong> — nothing is dialled
          </>
        )}
        {paused !== null && <> — dialing pauses: {pauses[paused] ?? paused}</>}
      </span>
    </div>
  )
}
