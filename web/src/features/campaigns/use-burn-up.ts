import { useEffect, useEffectEvent, useState } from 'react'
import type { CurvePoint } from '../../ui/curve-chart.tsx'

const everyMs = 1_000
/** Then every other point is left out: a curve of an hour needs no seconds. */
const mostPoints = 400

/** How much was done at each moment since the page was opened. It stays when the campaign ends. */
export function useBurnUp(done: number, running: boolean): readonly CurvePoint[] {
  const [points, setPoints] = useState<readonly CurvePoint[]>([])
  const [opened] = useState(() => performance.now())
  const take = useEffectEvent(() =>
    setPoints((old) => thinned([...old, { x: (performance.now() - opened) / 1_000, y: done }])),
  )
  useEffect(() => {
    if (!running) return
    const timer = window.setInterval(() => take(), everyMs)
    return () => {
      window.clearInterval(timer)
      take()
    }
  }, [running])
  return points
}

function thinned(points: readonly CurvePoint[]): readonly CurvePoint[] {
  return points.length <= mostPoints ? points : points.filter((_, index) => index % 2 === 0)
}
