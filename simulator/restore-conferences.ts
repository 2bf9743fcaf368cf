import type { Call } from './call.ts'
import type { Conference, ConferenceEvent } from './conference.ts'
import type { ConferenceFact, LedgerEntry } from './ledger-entry.ts'

/** Notes what one entry of the ledger says about a conference, and whom of `calls` it is about. */
export function rememberConference(
  conferences: Map<string, Conference>,
  calls: (sid: string) => Call | undefined,
  entry: Extract<LedgerEntry, ConferenceFact>,
): void {
  const at = Date.parse(entry.at)
  if (entry.event === 'conference-opened') {
    const { conference: sid, name, statusCallback, statusCallbackMethod, statusCallbackEvents } = entry
    const report = { statusCallback, statusCallbackMethod, statusCallbackEvents }
    const born = { createdAt: at, updatedAt: at, sequence: 1, endedBy: null, endedByExit: false }
    conferences.set(sid, { sid, name, report, status: 'init', ...born, participants: new Map() })
    return
  }
  const conference = conferences.get(entry.conference)
  if (conference === undefined) return
  const told = (event: ConferenceEvent): void => {
    conference.updatedAt = at
    // The numbering goes on where it was, so that a receiver can still put the events in order.
    if (conference.report.statusCallbackEvents.includes(event)) conference.sequence += 1
  }
  switch (entry.event) {
    case 'conference-joined': {
      const { sid, label, startOnEnter, endOnExit } = entry
      const call = calls(sid)
      const wishes = { label, startOnEnter, endOnExit, joinedAt: at, started: null, over: null }
      if (call) conference.participants.set(sid, { call, ...wishes })
      return told('join')
    }
    case 'conference-left':
      conference.participants.delete(entry.sid)
      return told('leave')
    case 'conference-started':
      conference.status = 'in-progress'
      return told('start')
    case 'conference-ended':
      conference.status = 'completed'
      conference.endedBy = entry.by
      conference.endedByExit = entry.byExit
      return told('end')
    case 'conference-callback-failed':
    case 'conference-callback-withheld':
  }
}
