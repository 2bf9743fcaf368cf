/** What moved calls add to the counts and tell to open pages. Pure. */
import type { TotalChange, WorkspaceBatch } from '../events/event-log.ts'
import type { Call, CallState } from './call.ts'
import { toBoardCall } from './board-call.ts'

/** A call that changed. `before` is null when it was just born. */
export type Move = { before: Call | null; after: Call }

/** Larger batches are told as a number only: a page that shows a busy board reads it again, at most once a second. */
const toldOneByOne = 25

/** The counts of a workspace and of its campaigns, and one event for everybody plus one per agent concerned. */
export function tellMoves(moves: readonly Move[]): WorkspaceBatch[] {
  const byWorkspace = new Map<number, Move[]>()
  for (const move of moves) {
    const own = byWorkspace.get(move.after.workspaceId)
    if (own) own.push(move)
    else byWorkspace.set(move.after.workspaceId, [move])
  }
  return [...byWorkspace].map(([workspaceId, own]) => ({
    workspaceId,
    totals: own.flatMap(totalChanges),
    events: [callsChanged(own.map((move) => move.after))],
  }))
}

function callsChanged(calls: readonly Call[]) {
  const told = calls.length <= toldOneByOne ? calls.filter((call) => call.state !== 'not_placed') : []
  const campaigns = [...new Set(calls.flatMap((call) => (call.campaignId === null ? [] : [call.campaignId])))]
  const data = {
    calls: told.map((call) => toBoardCall(call)),
    count: calls.length,
    more: told.length < calls.length,
    campaigns,
  }
  return { kind: 'calls.changed', visibleTo: null, data }
}

function totalChanges({ before, after }: Move): TotalChange[] {
  if (before?.state === after.state) return []
  const places = after.campaignId === null ? [0] : [0, after.campaignId]
  return places.flatMap((campaignId) => [
    ...(before ? [change(campaignId, before.state, -1)] : []),
    change(campaignId, after.state, 1),
  ])
}

function change(campaignId: number, state: CallState, delta: number): TotalChange {
  return { campaignId, subject: 'call', state, delta }
}
