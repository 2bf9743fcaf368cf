import { answered, api } from '../../lib/api.ts'
import type { CallDetail, CallPlan, RecordedCall } from '../../lib/api-types.ts'

export function readPlan(id: number): Promise<CallPlan> {
  return answered(api.GET('/call/{id}/', { params: { path: { id } } }))
}

/** Records a call that was made; without a time, one of now. */
export function recordCall(id: number, call: RecordedCall): Promise<CallPlan> {
  return answered(api.POST('/call/{id}/record_call/', { params: { path: { id } }, body: call }))
}

export function reschedule(id: number, nextCallDate: string): Promise<CallPlan> {
  return answered(
    api.PATCH('/call/{id}/', { params: { path: { id } }, body: { next_call_date: nextCallDate } }),
  )
}

/** Rings the own phone first, then the lead's. What became of it records itself. */
export function dial(id: number): Promise<CallDetail> {
  return answered(api.POST('/call/{id}/dial/', { params: { path: { id } } }))
}

/** How a call stands that was dialed. */
export function readDialed(callId: string): Promise<CallDetail> {
  return answered(api.GET('/api/calls/{call_id}/', { params: { path: { call_id: callId } } }))
}
