import { useEffect, useEffectEvent, useState } from 'react'
import { addSample, paceOf, type Pace, type Sample } from './progress.ts'

const sampleEveryMs = 1_000

/** The pace of a running campaign, measured while its page is open. */
export function usePace(done: number, remaining: number, running: boolean): Pace | null {
  const [samples, setSamples] = useState<readonly Sample[]>([])
  const take = useEffectEvent(() => setSamples((old) => addSample(old, { at: performance.now(), done })))
  useEffect(() => {
    if (!running) return
    const timer = window.setInterval(() => take(), sampleEveryMs)
    return () => {
      window.clearInterval(timer)
      setSamples([])
    }
  }, [running])
  return running ? paceOf(samples, remaining) : null
}
