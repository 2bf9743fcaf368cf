/** Holds the one event stream of the page, and knows whether it is alive. */
import type { QueryClient } from '@tanstack/react-query'
import { isSignedOut } from '../lib/api-error.ts'
import { setLiveState } from '../lib/live-state.ts'
import { meQuery } from '../features/accounts/read-me.ts'
import { applyLiveMessages } from './live-events.ts'
import { liveKinds, readLiveMessage, type LiveMessage } from './live-message.ts'

/** At most four paints a second, whatever the dialer does. */
const paintEveryMs = 250
/** The server's heart beats every 15 s; after this long without a word the page says that it is stale. */
const silentAfterMs = 20_000
const reopenAfterMs = 3_000

/** Opens the stream and keeps it open. Returns the end of it. */
export function connectLive(client: QueryClient): () => void {
  let source: EventSource | null = null
  let heardAt: number | null = null
  let pending: LiveMessage[] = []
  let paintTimer: number | undefined
  let reopenTimer: number | undefined
  let missedSome = false
  let beats = false

  function heard(): void {
    heardAt = Date.now()
    setLiveState({ phase: 'live', heardAt })
  }

  function receive(event: MessageEvent<string>): void {
    heard()
    beats ||= event.type === 'heartbeat'
    const message = readLiveMessage(event.type, event.data)
    if (message === null) return
    pending.push(message)
    // A person is on the line: their lead does not wait for the next paint.
    if (message.kind === 'lead.popped') window.clearTimeout(paintTimer)
    if (message.kind === 'lead.popped') paint()
    else paintTimer ??= window.setTimeout(paint, paintEveryMs)
  }

  function paint(): void {
    paintTimer = undefined
    const messages = pending
    pending = []
    applyLiveMessages(client, messages)
  }

  function open(): void {
    reopenTimer = undefined
    source = new EventSource('/api/events/stream')
    source.addEventListener('open', () => {
      heard()
      // A stream that was opened anew starts at the present; what happened in between is read once.
      if (missedSome) applyLiveMessages(client, [{ kind: 'reset' }])
      missedSome = false
    })
    source.addEventListener('error', () => void lost())
    for (const kind of liveKinds) source.addEventListener(kind, receive)
  }

  /** The browser reconnects by itself, with the last position it saw, unless the server refused the stream. */
  async function lost(): Promise<void> {
    setLiveState({ phase: heardAt === null ? 'connecting' : 'offline', heardAt })
    if (source?.readyState !== EventSource.CLOSED || reopenTimer !== undefined) return
    missedSome = true
    reopenTimer = window.setTimeout(open, reopenAfterMs)
    try {
      await client.fetchQuery({ ...meQuery, staleTime: 0 })
    } catch (error) {
      if (isSignedOut(error)) stop()
    }
  }

  const watch = window.setInterval(() => {
    // Silence means something only where a heart was heard to beat.
    if (beats && heardAt !== null && Date.now() - heardAt > silentAfterMs)
      setLiveState({ phase: 'offline', heardAt })
  }, 1000)

  function stop(): void {
    source?.close()
    window.clearInterval(watch)
    window.clearTimeout(paintTimer)
    window.clearTimeout(reopenTimer)
    setLiveState({ phase: 'connecting', heardAt: null })
  }

  open()
  return stop
}
