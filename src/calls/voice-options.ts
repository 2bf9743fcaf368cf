/** What is done on a call beside saying its message. Pure. */

/**
 * What happens when a machine answers: nobody asks whether one did, the call ends, the message is left after the beep,
 * or it is treated like a person and only counted.
 */
export const machineChoices = ['ignore', 'hang_up', 'leave_message', 'treat_as_answered'] as const
export type MachineChoice = (typeof machineChoices)[number]

/** Whoever presses this key is never called again. */
export const optOutKey = '9'
export const keys = [...'0123456789*#']

/** What a key means; with `to` or `agentId` it joins the caller with that phone. */
export type Key = { label: string; to: string | null; agentId: string | null }

export type VoiceOptions = {
  answeringMachine: MachineChoice
  /** Null: keys are not listened to. Else every key is, whether it is named here or not. */
  keys: Readonly<Record<string, Key>> | null
  record: boolean
}

export const noVoiceOptions: VoiceOptions = { answeringMachine: 'ignore', keys: null, record: false }

/** Options as they were stored; what is missing is off. */
export function storedVoiceOptions(stored: Partial<VoiceOptions> | null): VoiceOptions {
  return { ...noVoiceOptions, ...stored }
}

/** Whether the carrier's word means that no person answered. */
export function isMachine(answeredBy: string | null): boolean {
  return answeredBy !== null && (answeredBy.startsWith('machine') || answeredBy === 'fax')
}
