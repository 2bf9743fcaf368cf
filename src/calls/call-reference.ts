/**
 * The opaque name of a call in the URLs we give to the carrier. It carries the workspace and the call, and a part
 * of an HMAC over both, so that a made-up reference is refused without a database look-up and none can be guessed.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { createRoomNames, type RoomNames } from './room.ts'

const macBytes = 10
const referenceBytes = 8 + 16 + macBytes

export type CallName = { workspaceId: number; callId: string }
export type References = {
  encode(name: CallName): string
  decode(reference: string): CallName | null
  /** What the carrier knows the rooms of agreed calls by. */
  roomName: RoomNames
}

/** Calls under way are named several times each; a checked name need not be checked again. */
const rememberedNames = 20_000

/** References made with one secret are only readable with it. */
export function createReferences(secretKey: string): References {
  const remembered = new Map<string, CallName>()
  const remember = (reference: string, name: CallName): void => {
    if (remembered.size >= rememberedNames) remembered.clear()
    remembered.set(reference, name)
  }
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'trunkline call reference', 32))
  const mac = (body: Buffer) => createHmac('sha256', key).update(body).digest().subarray(0, macBytes)
  return {
    roomName: createRoomNames(secretKey),
    encode({ workspaceId, callId }) {
      const body = Buffer.alloc(24)
      body.writeBigUInt64BE(BigInt(workspaceId))
      body.write(callId.replaceAll('-', ''), 8, 'hex')
      const reference = Buffer.concat([body, mac(body)]).toString('base64url')
      remember(reference, { workspaceId, callId })
      return reference
    },
    decode(reference) {
      const known = remembered.get(reference)
      if (known) return known
      const bytes = Buffer.from(reference, 'base64url')
      if (bytes.length !== referenceBytes || bytes.toString('base64url') !== reference) return null
      const body = bytes.subarray(0, 24)
      if (!timingSafeEqual(bytes.subarray(24), mac(body))) return null
      const hex = body.toString('hex', 8)
      const callId = [
        hex.slice(0, 8),
        hex.slice(8, 12),
        hex.slice(12, 16),
        hex.slice(16, 20),
        hex.slice(20),
      ].join('-')
      const name = { workspaceId: Number(body.readBigUInt64BE()), callId }
      remember(reference, name)
      return name
    },
  }
}
