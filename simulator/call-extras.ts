/** What a create request asks for beside ringing and talking: finding out who answered, and recording. */
import type { ParsedUrlQuery } from 'node:querystring'
import type { CallRequest } from './call.ts'
import { isHttpUrl, methodOf, text, type Refusal } from './call-request.ts'

export type Extras = Pick<
  CallRequest,
  | 'machineDetection'
  | 'machineDetectionTimeoutSeconds'
  | 'asyncAmd'
  | 'asyncAmdStatusCallback'
  | 'asyncAmdStatusCallbackMethod'
  | 'record'
  | 'recordingStatusCallback'
  | 'recordingStatusCallbackMethod'
>

const DEFAULT_DETECTION_SECONDS = 30
const DETECTIONS = ['Enable', 'DetectMessageEnd'] as const

/** Reads them, or says what is wrong with them. */
export function readExtras(form: ParsedUrlQuery): { extras: Extras } | { refusal: Refusal } {
  const asked = text(form, 'MachineDetection')
  const machineDetection = DETECTIONS.find((one) => one.toLowerCase() === asked?.toLowerCase()) ?? null
  if (asked !== null && machineDetection === null && asked.toLowerCase() !== 'none')
    return refuse(`MachineDetection must be Enable or DetectMessageEnd, not ${asked}.`)
  const timeout = Number(text(form, 'MachineDetectionTimeout') ?? DEFAULT_DETECTION_SECONDS)
  if (!(timeout >= 3 && timeout <= 59)) return refuse('MachineDetectionTimeout must be from 3 to 59.')
  const asyncAmdStatusCallback = text(form, 'AsyncAmdStatusCallback')
  const recordingStatusCallback = text(form, 'RecordingStatusCallback')
  for (const address of [asyncAmdStatusCallback, recordingStatusCallback])
    if (address !== null && !isHttpUrl(address)) return refuse(`Not a valid URL: ${address}`)
  return {
    extras: {
      machineDetection,
      machineDetectionTimeoutSeconds: timeout,
      asyncAmd: text(form, 'AsyncAmd')?.toLowerCase() === 'true',
      asyncAmdStatusCallback,
      asyncAmdStatusCallbackMethod: methodOf(form, 'AsyncAmdStatusCallbackMethod'),
      record: text(form, 'Record')?.toLowerCase() === 'true',
      recordingStatusCallback,
      recordingStatusCallbackMethod: methodOf(form, 'RecordingStatusCallbackMethod'),
    },
  }
}

function refuse(message: string): { refusal: Refusal } {
  return { refusal: { statusCode: 400, code: 20001, message } }
}
