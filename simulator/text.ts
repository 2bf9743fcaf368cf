import type { HttpMethod } from './call.ts'
import type { TextPlan } from './text-plan.ts'

/**
 * The life of one text at the carrier.
 *
 *   queued ─→ sent ─→ delivered | undelivered
 *      └→ failed
 */
export type TextStatus = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'received'

export function isFinalText(status: TextStatus): boolean {
  return status !== 'queued' && status !== 'sent'
}

/** What a create request asked for, validated. */
export interface TextRequest {
  to: string
  from: string
  body: string
  statusCallback: string | null
}

export interface Text extends TextRequest {
  readonly sid: string
  /** 1 for the first text to this number. */
  readonly attempt: number
  readonly direction: 'outbound-api' | 'inbound'
  readonly segments: number
  status: TextStatus
  errorCode: number | null
  /** Milliseconds since 1970, like all instants here. */
  readonly createdAt: number
  updatedAt: number
  sentAt: number | null
  plan: TextPlan
  /** A callback that waits for the next one to overtake it. */
  heldCallback: (() => void) | null
}

export const STATUS_CALLBACK_METHOD: HttpMethod = 'POST'
