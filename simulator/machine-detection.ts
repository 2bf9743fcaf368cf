/** Finding out whether a person or a machine answered: before the instructions are obeyed, or beside them. */
import type { Call } from './call.ts'
import { callForm } from './callback-form.ts'
import { tell } from './callbacks.ts'
import type { Workshop } from './workshop.ts'

/** A person says a word and waits; a greeting goes on longer than that. */
const PERSON_SECONDS = 2
const MACHINE_SECONDS = 4

type Detection = { by: string; seconds: number }

/** The detection that the instructions of a call must wait for; null when there is none, or it is over. */
export function detectionBefore(call: Call): Detection | null {
  if (call.live === null || call.live.request.asyncAmd) return null
  return detectionOf(call)
}

/** Starts the detection that goes on while the instructions are obeyed, and tells its result. */
export function detectBeside(shop: Workshop, call: Call): void {
  const { live } = call
  const detection = detectionOf(call)
  if (live === null || !live.request.asyncAmd || detection === null) return
  live.cancelDetection = shop.timers.after((detection.seconds * 1000) / shop.speed, () => {
    if (call.live === null || call.status !== 'in-progress') return
    noteDetection(shop, call, detection.by)
    const { asyncAmdStatusCallback: address, asyncAmdStatusCallbackMethod: method } = live.request
    if (address === null) return
    const form = {
      ...callForm(call, shop.accountSid, 'in-progress'),
      AnsweredBy: detection.by,
      MachineDetectionDuration: String(Math.round(detection.seconds * 1000)),
    }
    tell(shop, call, { name: 'amd', address, method, form })
  })
}

export function noteDetection(shop: Workshop, call: Call, by: string): void {
  call.answeredBy = by
  shop.ledger.append({ event: 'detected', sid: call.sid, by })
}

function detectionOf({ live, answeredBy }: Call): Detection | null {
  if (live === null || live.request.machineDetection === null || answeredBy !== null) return null
  const { plan, request } = live
  const found = ((): Detection => {
    if (plan.answeredBy === 'human') return { by: 'human', seconds: PERSON_SECONDS }
    if (request.machineDetection === 'Enable') return { by: 'machine_start', seconds: MACHINE_SECONDS }
    return { by: 'machine_end_beep', seconds: plan.beepSeconds }
  })()
  const most = request.machineDetectionTimeoutSeconds
  return found.seconds > most ? { by: 'unknown', seconds: most } : found
}
