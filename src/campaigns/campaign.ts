/**
 * A campaign: a named list of numbers and what to tell them. Pure.
 *
 * A run is one begin of it. The status of a campaign is what its newest run says.
 */

import type { PauseReason } from './breaker.ts'

export type RunState = 'scheduled' | 'running' | 'paused' | 'completed' | 'stopped'

export type NumberStatus =
  | 'not_started'
  | 'queued'
  | 'calling'
  | 'completed'
  | 'hungup'
  | 'unanswered'
  | 'failed'
  | 'terminated'
  | 'invalid'
  | 'skipped'

export type CampaignStatus = 'Not Started' | 'Scheduled' | 'Running' | 'Paused' | 'Completed' | 'Terminated'

export type Service = 'PHONE' | 'SMS'

export const numberStatuses: readonly NumberStatus[] = [
  'not_started',
  'queued',
  'calling',
  'completed',
  'hungup',
  'unanswered',
  'failed',
  'terminated',
  'invalid',
  'skipped',
]

/** What a number's last outcome must be for a run to take it up again. */
export const repeatableStatuses = [
  'hungup',
  'unanswered',
  'failed',
  'terminated',
  'completed',
  // Whatever was in the way may be gone: a limit was raised, a tag was filled in. It is asked again.
  'skipped',
] as const
export type RepeatableStatus = (typeof repeatableStatuses)[number]

/** What is played first; both are. */
export type Priority = 'message' | 'audio'

/** The part of a run that decides whom it takes up. */
export type Selection = { statuses: readonly NumberStatus[]; individual: readonly number[] | null }

export type Run = Selection & {
  workspaceId: number
  id: number
  campaignId: number
  state: RunState
  message: string
  voice: string | null
  audioId: number | null
  priority: Priority
  spokenBy: 'carrier' | 'voice'
  scheduledFor: Date | null
  timeZone: string | null
  /** Why it paused by itself; null when it did not. */
  pauseReason: PauseReason | null
  swept: boolean
}

const statusByRunState: Record<RunState, CampaignStatus> = {
  scheduled: 'Scheduled',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  stopped: 'Terminated',
}

export function campaignStatus(newestRun: { state: RunState } | null): CampaignStatus {
  return newestRun === null ? 'Not Started' : statusByRunState[newestRun.state]
}

/** An open run still takes up numbers, now or later. */
export function isOpen(state: RunState): boolean {
  return state === 'scheduled' || state === 'running' || state === 'paused'
}

/** `not_started` is `not started` on the wire. */
export function statusWord(status: NumberStatus): string {
  return status.replaceAll('_', ' ')
}

/** A fresh number that the run at work will take up is told as queued: nobody needs to begin it again. */
export function shownStatus(
  number: { id: number; status: NumberStatus },
  newestRun: (Selection & { state: RunState }) | null,
) {
  if (number.status !== 'not_started' || newestRun === null) return number.status
  const atWork = newestRun.state === 'running' || newestRun.state === 'paused'
  const wanted = newestRun.individual === null || newestRun.individual.includes(number.id)
  return atWork && wanted && newestRun.statuses.includes('not_started') ? 'queued' : number.status
}

/** The counts by wire words, every status named. Fresh numbers of a run at work count as queued. */
export function progressOf(
  totals: ReadonlyMap<NumberStatus, number>,
  newestRun: (Selection & { state: RunState }) | null,
): Record<string, number> {
  const progress: Record<string, number> = {}
  for (const status of numberStatuses) progress[statusWord(status)] = totals.get(status) ?? 0
  if (
    newestRun !== null &&
    newestRun.individual === null &&
    shownStatus({ id: 0, status: 'not_started' }, newestRun) === 'queued'
  ) {
    progress['queued'] = (totals.get('queued') ?? 0) + (totals.get('not_started') ?? 0)
    progress['not started'] = 0
  }
  return progress
}

/** Which state a command leads to; null when the run is in a state that the command does not fit. */
export function nextRunState(command: 'pause' | 'resume' | 'stop', state: RunState): RunState | null {
  switch (command) {
    case 'pause':
      return state === 'running' ? 'paused' : null
    case 'resume':
      return state === 'paused' ? 'running' : null
    case 'stop':
      return isOpen(state) ? 'stopped' : null
  }
}

/** Numbers that only the simulated carrier has: +1 202 555 01NN. */
export const magicRange = { first: '+12025550100', last: '+12025550199' } as const
