/** The opaque name of a text in the addresses given to the carrier. One of a call is none of a text. */
import { deriveKey } from '../http/derived-key.ts'
import { createReferences } from '../calls/call-reference.ts'
import type { TextKey } from './text-store.ts'

export type TextReferences = { encode(key: TextKey): string; decode(reference: string): TextKey | null }

export function createTextReferences(secretKey: string): TextReferences {
  const references = createReferences(deriveKey(secretKey, 'text references').toString('hex'))
  return {
    encode: ({ workspaceId, textId }) => references.encode({ workspaceId, callId: textId }),
    decode(reference) {
      const name = references.decode(reference)
      return name === null ? null : { workspaceId: name.workspaceId, textId: name.callId }
    },
  }
}
