/** A call as the dashboard and the live page show it. Pure. */
import { wireStatus, type Call, type CallState } from './call.ts'

export type BoardCall = {
  call_id: string
  call_sid: string | null
  to_number: string
  customer_name: string | null
  status: string
  state: CallState
  agent: { id: string | null; name: string }
  created_at: string
  started_at: string | null
  duration: number
  campaign_id: number | null
}

export const noAgentName = 'No Agent'

/** `agentName` is only known where the query joined it; an event names the agent by id alone. */
export function toBoardCall(call: Call, agentName?: string): BoardCall {
  return {
    call_id: call.id,
    call_sid: call.carrierSid,
    to_number: call.toNumber,
    customer_name: call.customerName,
    status: wireStatus[call.state],
    state: call.state,
    agent: { id: call.agentId, name: call.agentId === null ? noAgentName : (agentName ?? '') },
    created_at: wholeSeconds(call.createdAt),
    started_at: call.startedAt === null ? null : wholeSeconds(call.startedAt),
    duration: call.duration,
    campaign_id: call.campaignId,
  }
}

/** ISO 8601 in UTC, truncated to whole seconds: `2024-12-29T00:00:00Z`. */
export function wholeSeconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}
