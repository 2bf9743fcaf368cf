/** What moved calls add to the counts and tell to open pages. Pure. */
import type { TotalChange, WorkspaceBatch } from '../events/event-log.ts'
import type { Notice } from '../events/notice.ts'
import { isFinal, type Call, type CallState } from './call.ts'
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
    totals: totalChanges(own),
    events: byAgent(own.map((move) => move.after)).map(callsChanged),
    notices: own.flatMap(callEnded),
  }))
}

/** An attempt that was given back is no call that ended: the person is called again. */
function callEnded({ before, after }: Move): Notice[] {
  if (before?.state === after.state || !isFinal(after.state) || after.state === 'not_placed') return []
  return [{ kind: 'call.ended', data: () => ({ ...toBoardCall(after), reason: after.reason }) }]
}

/** The calls of nobody and of each agent apart, so that an agent is told of the own ones, and managers of each once. */
function byAgent(calls: readonly Call[]): (readonly Call[])[] {
  const groups = new Map<string | null, Call[]>()
  for (const call of calls) {
    const group = groups.get(call.agentId)
    if (group) group.push(call)
    else groups.set(call.agentId, [call])
  }
  return [...groups.values()]
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
  return { kind: 'calls.changed', visibleTo: calls[0]?.agentId ?? null, data }
}

/** Moves of one kind are many in a batch, so they are counted before anything is made of them. */
function totalChanges(moves: readonly Move[]): TotalChange[] {
  const deltas = new Map<number, Map<CallState, number>>()
  const add = (campaignId: number, state: CallState, delta: number): void => {
    const states = deltas.get(campaignId) ?? new Map<CallState, number>()
    if (states.size === 0) deltas.set(campaignId, states)
    states.set(state, (states.get(state) ?? 0) + delta)
  }
  for (const { before, after } of moves) {
    if (before?.state === after.state) continue
    for (const campaignId of after.campaignId === null ? [0] : [0, after.campaignId]) {
      if (before) add(campaignId, before.state, -1)
      add(campaignId, after.state, 1)
    }
  }
  return [...deltas].flatMap(([campaignId, states]) =>
    [...states].map(([state, delta]) => ({ campaignId, subject: 'call' as const, state, delta })),
  )
}
