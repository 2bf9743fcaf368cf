import { useQuery } from '@tanstack/react-query'
import { modeQuery } from '../lib/read-mode.ts'
import classes from './mode-strip.module.css'

/** Says at all times whether phones ring. Its height is reserved, and it never moves. */
export function ModeStrip() {
  const { data } = useQuery(modeQuery)
  if (data === undefined) return <div className={classes.strip} />
  const live = data.carrier === 'live'
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
      </span>
    </div>
  )
}
