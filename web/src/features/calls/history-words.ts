type Entry = { kind: string; source: string; detail?: unknown }

const sources: Record<string, string> = {
  dialer: 'the dialer',
  answer: 'the carrier’s answer',
  webhook: 'a carrier report',
  poll: 'asking the carrier',
  list: 'the carrier’s list',
  person: 'a person',
}

const kinds: Record<string, string> = {
  intent: 'Taken up to be called',
  placed: 'Accepted by the carrier',
  refused: 'Refused by the carrier',
  unavailable: 'The carrier was not available',
  unclear: 'No clear answer came',
  absent: 'The carrier does not know it',
  heard: 'Message heard to its end',
  answered_by: 'Found out who answered',
  pressed: 'A key was pressed',
  recorded: 'Recording kept',
  recording_deleted: 'Recording deleted',
  hang_up: 'Asked to hang up',
  foreign: 'Report of another call, ignored',
  dropped: 'Given back unsent',
}

/** An entry of a call's history: what happened (a mere progress is named by its state), and how it became known. */
export function describeEntry(
  { kind, source, detail }: Entry,
  stateWord: string,
): { what: string; how: string } {
  const spelled = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`.replace(/_/g, ' ')
  const what = kind === 'progress' ? stateWord : (kinds[kind] ?? spelled)
  const reason = reasonOf(detail)
  return { what: reason === null ? what : `${what}: ${reason}`, how: `from ${sources[source] ?? source}` }
}

function reasonOf(detail: unknown): string | null {
  if (typeof detail !== 'object' || detail === null || !('reason' in detail)) return null
  return typeof detail.reason === 'string' && detail.reason !== '' ? detail.reason.replace(/_/g, ' ') : null
}
