import type { ReactNode } from 'react'
import classes from './empty.module.css'

/** Nothing here yet: one sentence, and at most one thing to do about it. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <p>{children}</p>
      {action}
    </div>
  )
}
