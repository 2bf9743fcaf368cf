import { formatTalk } from '../../lib/time-format.ts'
import { useProductNow } from '../../lib/product-time.ts'
import type { Call } from './board.ts'

/** How long somebody talked, or has been talking: it counts on by itself, and is not read out every second. */
export function TalkTimer({ call }: { call: Pick<Call, 'status' | 'started_at' | 'duration'> }) {
  if (call.status !== 'in_progress' || call.started_at === null) return <>{formatTalk(call.duration)}</>
  return <RunningTimer since={call.started_at} />
}

function RunningTimer({ since }: { since: string }) {
  const now = useProductNow()
  return <span role="timer">{formatTalk((now - Date.parse(since)) / 1000)}</span>
}
