/** What moved texts add to the counts and tell to open pages. Pure. */
import type { TotalChange, WorkspaceBatch } from '../events/event-log.ts'
import type { Notice } from '../events/notice.ts'
import { toMessage } from './message-wire.ts'
import { isFinalText, type Text, type TextState } from './text.ts'

/** A text that changed. `before` is null when it was just born. */
export type TextMove = { before: Text | null; after: Text }

/** Larger batches are told as a number only: a page that shows them reads again, at most once a second. */
const toldOneByOne = 25

/** The counts of each workspace and of its campaigns, and one event. */
export function tellTexts(moves: readonly TextMove[]): WorkspaceBatch[] {
  const byWorkspace = new Map<number, TextMove[]>()
  for (const move of moves) {
    const own = byWorkspace.get(move.after.workspaceId)
    if (own) own.push(move)
    else byWorkspace.set(move.after.workspaceId, [move])
  }
  return [...byWorkspace].map(([workspaceId, own]) => ({
    workspaceId,
    totals: own.flatMap(totalChanges),
    events: [messagesChanged(own.map((move) => move.after))],
    notices: own.flatMap(textEnded),
  }))
}

function textEnded({ before, after }: TextMove): Notice[] {
  if (before?.state === after.state || !isFinalText(after.state) || after.state === 'not_sent') return []
  return [{ kind: 'text.ended', data: () => toMessage(after) }]
}

function messagesChanged(texts: readonly Text[]) {
  const told = texts.length <= toldOneByOne ? texts : []
  const campaigns = [...new Set(texts.flatMap((text) => (text.campaignId === null ? [] : [text.campaignId])))]
  const data = {
    messages: told.map(toMessage),
    count: texts.length,
    more: told.length < texts.length,
    campaigns,
  }
  return { kind: 'messages.changed', visibleTo: null, data }
}

function totalChanges({ before, after }: TextMove): TotalChange[] {
  if (before?.state === after.state) return []
  const places = after.campaignId === null ? [0] : [0, after.campaignId]
  return places.flatMap((campaignId) => [
    ...(before ? [change(campaignId, before.state, -1)] : []),
    change(campaignId, after.state, 1),
  ])
}

function change(campaignId: number, state: TextState, delta: number): TotalChange {
  return { campaignId, subject: 'text', state, delta }
}
