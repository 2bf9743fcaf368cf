import { useEffect, useRef, useState } from 'react'

const pauseMs = 10_000

/** Tells screen readers how a moving figure stands: at most one message in ten seconds, and the newest wins. */
export function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  const latest = useRef(text)
  useEffect(() => {
    latest.current = text
  }, [text])
  useEffect(() => {
    const timer = window.setInterval(() => setSaid(latest.current), pauseMs)
    return () => window.clearInterval(timer)
  }, [])
  return (
    <p className="unseen" aria-live="polite">
      {said}
    </p>
  )
}
