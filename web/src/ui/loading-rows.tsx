import { useEffect, useState } from 'react'
import { Skeleton } from '@mantine/core'
import classes from './loading-rows.module.css'

const patienceMs = 8_000

/** Stands where rows will be, at their height; after a while it says so in words. */
export function LoadingRows({ rows, height, label }: { rows: number; height: number; label: string }) {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = window.setTimeout(() => setSlow(true), patienceMs)
    return () => window.clearTimeout(timer)
  }, [])
  return (
    <div role="status" className={classes.rows}>
      <span className={slow ? classes.slow : 'unseen'}>
        {slow ? `${label} is taking longer than it should.` : `Loading ${label.toLowerCase()}`}
      </span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={classes.row} style={{ height }}>
          <Skeleton height={12} width={`${58 - ((index * 13) % 30)}%`} />
        </div>
      ))}
    </div>
  )
}
