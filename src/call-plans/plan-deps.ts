import type { CallDeps } from '../calls/call-deps.ts'
import { seesAll, type Principal } from '../http/principal.ts'
import type { PlanRecorder } from './plan-recorder.ts'
import type { Viewer } from './plan-store.ts'

/** What the routes of plans work with. */
export type PlanDeps = Pick<
  CallDeps,
  'sql' | 'clock' | 'cursors' | 'publicUrl' | 'callerIds' | 'carrierAccountId' | 'carrierIsLive'
> & { recorder: PlanRecorder }

const nobody = '00000000-0000-0000-0000-000000000000'

/** Whose plans somebody sees: a manager everybody's, an agent those of the own leads. */
export function viewerOf(principal: Principal): Viewer {
  const { workspaceId } = principal
  return { workspaceId, ownerId: seesAll(principal) ? null : (principal.userId ?? nobody) }
}
